import { inspect } from 'node:util'
import escapeHtml from 'escape-html'
import { describe, readable, stackOf } from '../errors/describe'
import { page } from './error-page'

/** What debug mode shows of an error, and of the errors behind it. */
interface ShownError {
  readonly name: string
  readonly message: string
  readonly stack?: string
  readonly cause?: ShownError | undefined
  /** The errors of an AggregateError. */
  readonly errors?: readonly ShownError[] | undefined
}

export function debugHtml(error: Error): string {
  const shown = shownError(error, new Set())
  return page(`${shown.name}: ${shown.message}`, `<h1>${escapeHtml(shown.name)}</h1>\n${sections(shown).join('\n')}`)
}

export function debugJson(error: Error, status: number): string {
  return JSON.stringify({ status, ...shownError(error, new Set()) })
}

/** @param seen the errors that are shown already: causes may be a circle */
function shownError(given: unknown, seen: Set<unknown>): ShownError {
  seen.add(given)
  const error = readable(given)
  if (!(error instanceof Error)) return { name: typeof error, message: inspected(error) }
  const { name, message, cause, errors } = error as { [Name in keyof AggregateError]?: unknown }
  const isNew = (each: unknown) => each !== undefined && each !== null && !seen.has(each)
  const shownCause = isNew(cause) ? shownError(cause, seen) : undefined
  const list = Array.isArray(errors) ? errors.filter(isNew) : []
  return {
    name: String(name),
    message: String(message),
    stack: stackOf(error),
    cause: shownCause,
    errors: list.length > 0 ? list.map(each => shownError(each, seen)) : undefined,
  }
}

function inspected(value: unknown): string {
  try {
    return inspect(value)
  } catch {
    return describe(value)
  }
}

/** The error, its cause and its errors in turn, each with a heading that says what it is. */
function sections({ message, stack, cause, errors = [] }: ShownError): string[] {
  const own = `<p>${escapeHtml(message)}</p>${stack === undefined ? '' : `\n<pre>${escapeHtml(stack)}</pre>`}`
  const headed = (heading: string, error: ShownError) => [
    `<h2>${heading}: ${escapeHtml(error.name)}</h2>`,
    ...sections(error),
  ]
  return [
    own,
    ...(cause === undefined ? [] : headed('Cause', cause)),
    ...errors.flatMap((error, index) => headed(`Error ${index + 1} of ${errors.length}`, error)),
  ]
}
