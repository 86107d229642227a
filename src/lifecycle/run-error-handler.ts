import { toError } from '../errors/describe'
import { isThenable } from '../util/thenable'
import type { Coroutine } from './coroutine'
import type { ErrorHandler } from './error-handlers'
import type { Exchange } from './exchange'
import { isInterruption } from './interruption'

/** The errors whose cause was set here. An error that is thrown for several requests gets the cause of the latest. */
const linked = new WeakSet<Error>()

/**
 * Runs an error handler, and makes the response of what it returns. An error that it throws, or a value that can't be a
 * response, is an error with the original as its cause.
 *
 * @param original the error that the handler answers: for a handler for 500 the one behind the `error` that it gets
 */
export function* runErrorHandler(
  handler: ErrorHandler,
  error: Error,
  { ctx, response }: Exchange,
  original = error,
): Coroutine<void> {
  try {
    const result = handler(error, ctx)
    response.make(isThenable(result) ? yield result : result, handler.name)
  } catch (thrown) {
    throw isInterruption(thrown) ? thrown : keepOriginal(thrown, original)
  }
}

/**
 * Gives the failure of an error handler the error that it was to answer as its `cause`, so that the log has both. An error
 * with a cause of its own keeps that one, and no error becomes its own cause.
 */
function keepOriginal(thrown: unknown, original: Error): Error {
  const failure = toError(thrown)
  try {
    // What is thrown without a value is wrapped in an error, whose cause says nothing.
    const hasCause = thrown !== undefined && 'cause' in failure && !linked.has(failure)
    if (!hasCause && !leadsTo(original, failure, new Set())) {
      Object.defineProperty(failure, 'cause', { value: original, writable: true, configurable: true })
      linked.add(failure)
    }
  } catch {
    // The error can't be extended, or can't be read.
  }
  return failure
}

/** Whether an error is another one, or has it among its causes and errors. */
function leadsTo(from: unknown, error: Error, seen: Set<unknown>): boolean {
  if (from === error) return true
  if (!(from instanceof Error) || seen.has(from)) return false
  seen.add(from)
  const { cause, errors } = from as Partial<AggregateError>
  return [cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])].some(each => leadsTo(each, error, seen))
}
