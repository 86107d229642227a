import createError, { type HttpError as AnyHttpError } from 'http-errors'
import statuses from 'statuses'
import { describe } from './describe'

/** What an HTTP error is given besides its message. Further properties are put on the error as they are. */
export interface HttpErrorProperties {
  /** In the place of the class's `static status`: 400 to 599, one that HTTP names. */
  status?: number | undefined
  /** Whether the client may read the message. Default: for a status below 500. */
  expose?: boolean | undefined
  /** Header fields of its default page. A handler passes them to `makeResponse` itself. */
  headers?: Record<string, string> | undefined
  /** For programs, for instance `OUT_OF_STOCK`. */
  code?: string | undefined
  cause?: unknown
  [property: string]: unknown
}

/** What `new HttpError(…)` and its subclasses give. Properties that a class of yours adds must be declared by it. */
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
  // `static status` is not declared: where it were, `noImplicitOverride` would demand `static override status` of users.
  /**
   * @param message default: the status text
   * @throws TypeError when the status is not from 400 to 599, or HTTP does not name it
   */
  new (message?: string, properties?: HttpErrorProperties): HttpErrorInstance
  [Symbol.hasInstance](value: unknown): boolean
}

/**
 * An HTTP error: what Flask calls `HTTPException`. `@ErrorHandler(HttpError)` catches those of its subclasses, of `abort`, of
 * `ctx.throw` and of http-errors, and `instanceof HttpError` is true of all of them.
 *
 * @example class OutOfStock extends HttpError { static status = 409 }
 * throw new OutOfStock('only 2 left')
 */
export const HttpError: HttpErrorClass = class HttpError extends Error {
  declare status: number
  declare statusCode: number
  declare expose: boolean

  // http-errors and Koa then take it for one of theirs. `extends createError.HttpError` would do the same, but that
  // constructor always throws.
  static {
    Object.setPrototypeOf(this.prototype, createError.HttpError.prototype as object)
  }

  constructor(message?: string, properties: HttpErrorProperties = {}) {
    const { cause, ...others } = properties
    const status = errorStatus(new.target, properties)
    super(message ?? statuses.message[status], 'cause' in properties ? { cause } : undefined)
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true })
    Error.captureStackTrace(this, new.target) // again, since it begins with the name
    Object.assign(this, others, { status, statusCode: status, expose: properties.expose ?? status < 500 })
  }

  /** HttpError itself has http-errors' instances as well; a subclass has its own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === HttpError ? value instanceof createError.HttpError : super[Symbol.hasInstance](value)
  }
}

/** Any HTTP error; those of http-errors may have further properties. */
export type HttpError<Status extends number = number> = AnyHttpError<Status>

/** The status that an error is given, else the one that its class has or inherits, else 500. */
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
