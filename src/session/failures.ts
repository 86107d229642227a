import createError from 'http-errors'
import { isError, toError } from '../errors/describe'
import { type HttpError } from '../errors/http-error'

/**
 * The session store has failed: `cause` is its own error, whose text is not repeated here, since loggers print causes. The
 * handler for 500 gets this error as the `cause` of its error.
 */
export class SessionStoreError extends Error {
  override readonly name = 'SessionStoreError'

  /** @param action what the store was asked to do, for the message, for instance 'get a session' */
  constructor(action: string, store: object, cause: unknown) {
    super(`The session store${nameOf(store)} failed to ${action}`, { cause: isError(cause) ? cause : toError(cause) })
  }
}

/** The class of a store, behind a space; no text for an object without a class. */
export function nameOf(store: object): string {
  try {
    const { name } = typeof store === 'function' ? store : store.constructor
    return name === '' || name === 'Object' ? '' : ` ${name}`
  } catch {
    return '' // it has no constructor, or one that can't be read
  }
}

/** The HTTP errors that a session itself made. A set, because a user's error may have the same status and code. */
const sessionHttpErrors = new WeakSet<Error>()

/** Whether an error is one of the session's HTTP errors, which are passed to the error handlers. */
export const isSessionHttpError = (thrown: unknown): thrown is HttpError => sessionHttpErrors.has(thrown as Error)

/** The error of a write when the store has failed, with `onStoreFailure: 'read-only'`. */
export function sessionUnavailable(cause: Error): HttpError {
  const properties = { cause, code: 'SESSION_UNAVAILABLE', expose: true }
  return registered(createError(503, 'The session cannot be changed at the moment', properties))
}

/** The error of a request whose changes would be lost because another request has changed the session. */
export function sessionConflict(): HttpError {
  const properties = { code: 'SESSION_CONFLICT' }
  return registered(createError(409, 'The session was changed by another request at the same time', properties))
}

/** Reported when a read-only session was written: the client gets a 503, which is no error of the application. */
export const writeRefused = (what: string, cause?: Error): Error =>
  new Error(
    `The session refused a write (${what}) with a 503, because its store has failed and onStoreFailure is 'read-only'.`,
    cause && { cause },
  )

/** Reported when a session was written after its request had ended. */
export const lateWrite = (what: string): Error =>
  new Error(
    `The write to ${what} is lost: its request has ended, and the session was saved before that. Await the work that a ` +
      'method starts. A session in a store can be saved again: session.save().',
  )

function registered(error: HttpError): HttpError {
  sessionHttpErrors.add(error)
  return error
}

/** The error for a session whose new key, or whose cookie, the client can no longer receive. */
export function headersAlreadySent(carried: 'key' | 'cookie'): Error {
  const need = carried === 'key' ? 'needs a new key' : 'is in a cookie'
  return new Error(
    `The session could not be saved: it ${need}, but the response headers that would carry the ${carried} are already sent. ` +
      'Write to the session before the response starts.',
  )
}
