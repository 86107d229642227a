import { types } from 'node:util'
import createError, { type HttpError as AnyHttpError } from 'http-errors'

/** The base class of HTTP errors, for `@ErrorHandler(HttpError)`: what Flask calls `HTTPException`. */
export const HttpError = createError.HttpError
export type HttpError = AnyHttpError

/**
 * What `abort(response)` and a slash redirect throw: an answer, not a failure. User handlers never see it (docs/rules.md 4.7,
 * 5.6) unless `trapHttpExceptions` makes it an error like any other.
 */
export class ThrownResponse extends Error {
  override readonly name = 'ThrownResponse'

  /** @param respond gives the response value, at the moment it is needed */
  constructor(
    message: string,
    readonly respond: () => unknown,
  ) {
    super(message)
  }
}

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

/** A code from 400 to 599 that HTTP names, so that there is a class of errors for it. */
export function isErrorCode(code: unknown): code is number {
  return typeof code === 'number' && code >= 400 && code < 600 && typeof standardClass(code) === 'function'
}

/** The class that `abort(code)` throws. */
export function standardClass(code: number): unknown {
  return (createError as unknown as Record<number, unknown>)[code]
}

/**
 * What counts as an HTTP error: what `abort`, `ctx.throw` and http-errors make, and any error that Koa would show to the
 * client (`expose: true` with a `status`). A bare `status`, as HTTP clients put on the errors of *their* requests, doesn't.
 */
export function isHttpError(error: Error): error is HttpError {
  const { expose, status } = error as Partial<HttpError>
  if (createError.isHttpError(error)) return error.status >= 400 && error.status < 600
  return expose === true && isErrorCode(status)
}

/** The 500 that a 500 handler gets for an unhandled error, which is its `cause` (docs/rules.md 6.3). */
export function internalServerError(cause: Error): HttpError {
  return createError(500, { cause })
}

/** A thrown value as an error: one that is none is wrapped, and kept as the `cause` (docs/rules.md 5.12). */
export function toError(thrown: unknown): Error {
  if (isReadableError(thrown)) return thrown
  return new Error(`a value that is not an Error was thrown: ${describe(thrown)}`, { cause: thrown })
}

/** Whoever handles an error looks at it: one that throws then is none. A revoked proxy throws even here. */
function isReadableError(value: unknown): value is Error {
  try {
    if (!(types.isNativeError(value) || value instanceof Error)) return false
    for (const property of ['name', 'message']) Reflect.get(value, property)
    return true
  } catch {
    return false
  }
}

/** A value for an error message, short and never throwing. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    const { name } = value.constructor
    return name === '' ? 'an object' : `an object of class ${name}`
  } catch {
    return 'an object' // without a constructor, or one that can't be looked at
  }
}
