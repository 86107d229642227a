import { inspect } from 'node:util'
import escapeHtml from 'escape-html'
import { asText, describe, readable, stackOf } from '../errors/describe'
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

/** More errors than this are no help, and a long chain of causes would be too deep to walk. */
const MOST_ERRORS = 100
const MORE: ShownError = { name: 'More', message: 'Further errors are not shown.' }

/** @param seen the errors that are shown already: causes may be a circle */
function shownError(given: unknown, seen: Set<unknown>): ShownError {
  if (seen.size === MOST_ERRORS) return MORE
  const error = readable(given)
  seen.add(error)
  if (!(error instanceof Error)) return { name: typeof error, message: inspected(error) }
  const { name, message, cause } = error as { [Name in keyof Error]?: unknown }
  const isNew = (each: unknown) => each !== undefined && each !== null && !seen.has(readable(each))
  const shownCause = isNew(cause) ? shownError(cause, seen) : undefined
  const list = errorsOf(error)
    .filter(isNew)
    .slice(0, MOST_ERRORS - seen.size + 1)
  return {
    name: asText(name),
    message: asText(message),
    stack: stackOf(error),
    cause: shownCause,
    errors: list.length > 0 ? list.map(each => shownError(each, seen)) : undefined,
  }
}

/** The errors of an AggregateError: none if they can't be read. */
function errorsOf(error: Error): unknown[] {
  try {
    const { errors } = error as { errors?: unknown }
    return Array.isArray(errors) ? [...(errors as unknown[])] : []
  } catch {
    return []
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
