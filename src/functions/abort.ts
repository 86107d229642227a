import createError from 'http-errors'
import { isErrorCode, ThrownResponse } from '../errors/http-error'

/**
 * Ends the request with an HTTP error. Handlers registered for the code or its class answer it; without one it becomes
 * its own page.
 *
 * @param code 400 to 599, one that HTTP names
 * @param message shown to the client for codes below 500; the status text when left out
 * @param properties put on the error; `headers` among them are sent with its default page
 * @throws always: an `HttpError`, or a TypeError when `code` is not an HTTP error code
 */
export function abort(code: number, message?: string, properties?: Record<string, unknown>): never
/** Ends the request with a ready response (`makeResponse(...)` or a WHATWG `Response`), past all error handlers. */
export function abort(response: object): never
export function abort(answer: number | object, message?: string, properties: Record<string, unknown> = {}): never {
  if (typeof answer === 'object') throw new ThrownResponse('abort(response)', () => answer)
  if (!isErrorCode(answer)) {
    throw new TypeError(`abort(${String(answer)}): expected an HTTP error code from 400 to 599 or a response`)
  }
  throw message === undefined ? createError(answer, properties) : createError(answer, message, properties)
}
