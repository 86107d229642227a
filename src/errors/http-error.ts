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
