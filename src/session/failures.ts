import createError from 'http-errors'
import { type HttpError } from '../errors/http-error'
import { describe, toError } from '../errors/describe'

/** A session's store has failed: `cause` is its own error. The handler for 500 gets this as the `cause` of its error. */
export class SessionStoreError extends Error {
  override readonly name = 'SessionStoreError'

  /** @param action what it was asked for, as in 'get' */
  constructor(action: string, store: object, cause: unknown) {
    super(`The session store, ${describe(store)}, failed to ${action}: ${toError(cause).message}`, { cause })
  }
}

const refusals = new WeakSet<Error>()

/** Whether a session has refused to be saved with an HTTP error, which goes to its handlers. */
export const isRefusal = (thrown: unknown): thrown is HttpError => refusals.has(thrown as Error)

/** What a write ends with while the store can't be written, with `onStoreFailure: 'read-only'`. */
export function unavailable(cause: Error): HttpError {
  const properties = { cause, code: 'SESSION_UNAVAILABLE', expose: true }
  return refusal(createError(503, 'The session cannot be changed at the moment', properties))
}

/** What a request ends with that would have changed a session in vain. */
export function conflict(): HttpError {
  const properties = { code: 'SESSION_CONFLICT' }
  return refusal(createError(409, 'The session was changed by another request at the same time', properties))
}

function refusal(error: HttpError): HttpError {
  refusals.add(error)
  return error
}

/** A session with a new key would be a row that nobody ever asks for. */
export function tooLate(): Error {
  return new Error(
    'The session could not be saved: it needs a new key, and the headers of the response, which tell the client, are out. ' +
      'Write to the session before the response is begun.',
  )
}
