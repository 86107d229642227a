import createError, { type HttpError as AnyHttpError } from 'http-errors'
import statuses from 'statuses'
import { describe } from './describe'

/** The properties of a new HTTP error. Properties that are not listed here are set on the error unchanged. */
export interface HttpErrorProperties {
  /** Overrides the class's `static status`: a status from 400 to 599 that HTTP names. */
  status?: number | undefined
  /** Whether the client may read the message. Default: true for a status below 500. */
  expose?: boolean | undefined
  /** Header fields of its default page. An error handler that needs them passes them to `makeResponse`. */
  headers?: Record<string, string> | undefined
  /** A code for programs, for instance `OUT_OF_STOCK`. */
  code?: string | undefined
  cause?: unknown
  [property: string]: unknown
}

/** An instance of `HttpError` or of a subclass. A subclass must declare the properties that it adds. */
export interface HttpErrorInstance extends Error {
  status: number
  statusCode: number
  expose: boolean
  headers?: Record<string, string> | undefined
  code?: string | undefined
}

/** The type of the class HttpError. */
export interface HttpErrorClass {
  readonly prototype: HttpErrorInstance
  // `static status` is not declared, since users would then have to write `static override status` under
  // `noImplicitOverride`.
  /**
   * @param message default: the status text
   * @throws TypeError when the status is not from 400 to 599, or HTTP does not name it
   */
  new (message?: string, properties?: HttpErrorProperties): HttpErrorInstance
  [Symbol.hasInstance](value: unknown): boolean
}

/**
 * An HTTP error, Flask's `HTTPException`. `@ErrorHandler(HttpError)` catches the errors of its subclasses, `abort`,
 * `ctx.throw` and http-errors, and `instanceof HttpError` is true for all of them.
 *
 * @example class OutOfStock extends HttpError { static status = 409 }
 * throw new OutOfStock('only 2 left')
 */
export const HttpError: HttpErrorClass = class HttpError extends Error {
  declare status: number
  declare statusCode: number
  declare expose: boolean

  // Makes this class pass for one of http-errors', there and in Koa. `extends createError.HttpError` would do the same,
  // but its constructor always throws.
  static {
    Object.setPrototypeOf(this.prototype, createError.HttpError.prototype as object)
  }

  constructor(message?: string, properties: HttpErrorProperties = {}) {
    const { cause, ...others } = properties
    const status = errorStatus(new.target, properties)
    super(message ?? statuses.message[status], 'cause' in properties ? { cause } : undefined)
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true })
    Error.captureStackTrace(this, new.target) // again, since the stack begins with the name
    Object.assign(this, others, { status, statusCode: status, expose: properties.expose ?? status < 500 })
  }

  /** Errors of http-errors count as instances of HttpError itself. A subclass has only its own instances. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === HttpError ? value instanceof createError.HttpError : super[Symbol.hasInstance](value)
  }
}

/** Any HTTP error. Errors of http-errors may have further properties. */
export type HttpError<Status extends number = number> = AnyHttpError<Status>

/** The status of a new error: the given one, else the one that its class has or inherits, else 500. */
function errorStatus(
  errorClass: { readonly name: string; readonly status?: unknown },
  given: HttpErrorProperties,
): number {
  const status: unknown = given.status ?? errorClass.status ?? 500
  if (isErrorCode(status)) return status
  throw new TypeError(
    `${errorClass.name}: ${describe(status)} is not an HTTP error status. Use one from 400 to 599 that HTTP names.`,
  )
}

/**
 * Thrown by `abort(response)` and a slash redirect: an answer, not a failure. Error handlers never get it [4.7, 5.6]
 * unless `trapHttpExceptions` makes it an error like any other.
 */
export class ThrownResponse extends Error {
  override readonly name = 'ThrownResponse'

  /** @param respond returns the response value, called when the value is needed */
  constructor(
    message: string,
    readonly respond: () => unknown,
  ) {
    super(message)
  }
}

/** Whether `code` is a status from 400 to 599 that HTTP names, so that http-errors has a class for it. */
export function isErrorCode(code: unknown): code is number {
  return typeof code === 'number' && code >= 400 && code < 600 && typeof standardClass(code) === 'function'
}

/** The class that `abort(code)` throws. */
export function standardClass(code: number): unknown {
  return (createError as unknown as Record<number, unknown>)[code]
}

/**
 * Whether an error counts as an HTTP error: an error of `abort`, `ctx.throw` or http-errors, or one that Koa would show
 * to the client (`expose: true` with a `status`). A `status` alone is not enough: HTTP clients set it on the errors of
 * their own requests.
 */
export function isHttpError(error: Error): error is HttpError {
  const { expose, status } = error as Partial<HttpError>
  if (createError.isHttpError(error)) return error.status >= 400 && error.status < 600
  return expose === true && isErrorCode(status)
}

/** The 500 error that a 500 handler gets for an unhandled error, which is its `cause` [6.3]. */
export function internalServerError(cause: Error): HttpError {
  return createError(500, { cause })
}
