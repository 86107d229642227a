import createError from 'http-errors'
import type { HttpError } from '../errors/http-error'

/** The errors that `interruption` made. A set, because a user's error may have the same status and code. */
const interruptions = new WeakSet<Error>()

/** The error that ends a request that waits for too long: a 503, also where other errors become a 500. */
export function interruption(message: string, code: 'REQUEST_TIMEOUT' | 'SERVER_SHUTDOWN'): HttpError {
  const error = createError(503, message, { code, expose: false })
  interruptions.add(error)
  return error
}

export function isInterruption(error: unknown): error is HttpError {
  return interruptions.has(error as Error)
}
