import createError from 'http-errors'
import { isErrorCode, ThrownResponse } from '../errors/http-error'

/**
 * Ends the request with an HTTP error. The error handler for the code or its class answers; without one, the default
 * error page is sent.
 *
 * @param code a status from 400 to 599 that HTTP names
 * @param message shown to the client for codes below 500. Default: the status text
 * @param properties set on the error; `headers` are sent with its default page
 * @throws always: an `HttpError`, or a TypeError when `code` is not an HTTP error code
 */
export function abort(code: number, message?: string, properties?: Record<string, unknown>): never
/** Ends the request with a finished response, `makeResponse(...)` or fetch's `Response`. Error handlers do not run. */
export function abort(response: object): never
export function abort(answer: number | object, message?: string, properties: Record<string, unknown> = {}): never {
  if (typeof answer === 'object') throw new ThrownResponse('abort(response)', () => answer)
  if (!isErrorCode(answer)) {
    throw new TypeError(`abort(${String(answer)}): expected an HTTP error code from 400 to 599 or a response`)
  }
  throw message === undefined ? createError(answer, properties) : createError(answer, message, properties)
}
