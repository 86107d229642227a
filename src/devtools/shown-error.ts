import { asText, readable, stackOf } from '../errors/describe'
import { SOURCE_FRAMES, type SourceFrame } from '../errors/source-frames'
import { framesOf, shortened, type Frame } from './frames'
import type { Sources } from './sources'
import { textOf } from './values'

/** What debug mode shows of an error, and of the errors behind it. */
export interface ShownError {
  readonly name: string
  readonly message: string
  readonly stack?: string
  /** The calls of the stack, innermost first. */
  readonly frames?: readonly Frame[]
  readonly cause?: ShownError | undefined
  /** The errors of an AggregateError. */
  readonly errors?: readonly ShownError[] | undefined
}

/** An error with a heading that says what it is: `Cause: RangeError`. */
export interface Headed {
  readonly heading: string
  readonly error: ShownError
}

/** More errors than this are no help, and a long chain of causes would be too deep to walk. */
const MOST_ERRORS = 100
/** Characters. A message may have a whole document in it, and the page shows it several times. */
const LONGEST_MESSAGE = 10_000
const LONGEST_STACK = 50_000
const MORE: ShownError = { name: 'More', message: 'Further errors are not shown.' }

/** @param seen the errors that are shown already: causes may be a circle */
export function shownError(given: unknown, sources: Sources, seen = new Set<unknown>()): ShownError {
  if (seen.size === MOST_ERRORS) return MORE
  const error = readable(given)
  seen.add(error)
  if (!(error instanceof Error)) return { name: typeof error, message: clipped(textOf(error), LONGEST_MESSAGE) }
  const { name, message, cause } = error as { [Name in keyof Error]?: unknown }
  const isNew = (each: unknown) => each !== undefined && each !== null && !seen.has(readable(each))
  const shownCause = isNew(cause) ? shownError(cause, sources, seen) : undefined
  const list = errorsOf(error)
    .filter(isNew)
    .slice(0, MOST_ERRORS - seen.size + 1)
  const whole = asText(message)
  const stack = stackOf(error)
  return {
    name: clipped(asText(name), LONGEST_MESSAGE),
    message: clipped(whole, LONGEST_MESSAGE),
    stack: clipped(
      stack.replace(whole, () => clipped(whole, LONGEST_MESSAGE)),
      LONGEST_STACK,
    ),
    frames: [...sourceFrames(error, sources), ...framesOf(stack, whole, sources)],
    cause: shownCause,
    errors: list.length > 0 ? list.map(each => shownError(each, sources, seen)) : undefined,
  }
}

/** The lines of templates that an error came through: in front of the calls, which are those of what renders them. */
function sourceFrames(error: Error & { readonly [SOURCE_FRAMES]?: readonly SourceFrame[] }, sources: Sources): Frame[] {
  return (error[SOURCE_FRAMES] ?? []).map(({ name, file, line, text }) => {
    const shown = shortened(file)
    sources.add(shown, text)
    return { name, file: shown, line, column: 1, owner: 'application' }
  })
}

/** The errors behind an error in turn: its cause with what is behind that, and then its errors. */
export function errorsBehind({ cause, errors = [] }: ShownError): Headed[] {
  const headed = (heading: string, error: ShownError) => [
    { heading: `${heading}: ${error.name}`, error },
    ...errorsBehind(error),
  ]
  return [
    ...(cause === undefined ? [] : headed('Cause', cause)),
    ...errors.flatMap((error, index) => headed(`Error ${index + 1} of ${errors.length}`, error)),
  ]
}

/** The errors of an AggregateError: none if they can't be read. */
function errorsOf(error: Error): unknown[] {
  try {
    const { errors } = error as { errors?: unknown }
    return Array.isArray(errors) ? (errors as unknown[]).slice(0, 2 * MOST_ERRORS) : [] // some may be shown already
  } catch {
    return []
  }
}

const clipped = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length)}… (${text.length - length} more characters)`
