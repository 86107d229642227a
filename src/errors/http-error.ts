import createError, { type HttpError as AnyHttpError } from 'http-errors'
import statuses from 'statuses'
import { isRecord } from '../util/is-record'
import { describe, isError } from './describe'
import { SetupError } from './setup-error'

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

/** Gives an HTTP error back what a class field of its class hides. Set by the class, since only it knows what `new` was given. */
export let restoreHidden: (error: Error) => void

/**
 * An HTTP error, Flask's `HTTPException`. `@ErrorHandler(HttpError)` catches the errors of its subclasses, `abort`,
 * `ctx.throw` and http-errors, and `instanceof HttpError` is true for all of them.
 *
 * @example class OutOfStock extends HttpError { static status = 409 }
 * throw new OutOfStock('only 2 left')
 */
export const HttpError: HttpErrorClass = class HttpError extends Error {
  readonly #given: Record<string, unknown> & { readonly status: number }

  // Makes this class pass for one of http-errors', there and in Koa. `extends createError.HttpError` would do the same,
  // but its constructor always throws.
  static {
    Object.setPrototypeOf(this.prototype, createError.HttpError.prototype as object)
    restoreHidden = error => {
      if (#given in error) restore(error, error.#given)
    }
  }

  constructor(message?: string, properties: HttpErrorProperties = {}) {
    checkArguments(new.target.name, message, properties)
    const { cause, statusCode: _, ...others } = properties
    const known: unknown = properties.status ?? (new.target as { readonly status?: unknown }).status
    const status = checkedStatus(new.target.name, known ?? 500)
    super(message ?? statuses.message[status], 'cause' in properties ? { cause } : undefined)
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true })
    Error.captureStackTrace(this, new.target) // again, since the stack begins with the name
    this.#given = { ...others, status }
    // Without a status of its own it may have a class field `statusCode`, which is set after this.
    if (known === undefined) delete others.status
    Object.assign(this, others, known === undefined ? {} : { status })
  }

  // Read from each other, because a class field of one of them is set after the constructor.
  get status(): number {
    return Object.hasOwn(this, 'statusCode') ? this.statusCode : this.#given.status
  }
  set status(value: number) {
    setOwn(this, 'status', value)
  }

  get statusCode(): number {
    return this.status
  }
  set statusCode(value: number) {
    setOwn(this, 'statusCode', value)
  }

  get expose(): boolean {
    return this.status < 500
  }
  set expose(value: boolean) {
    setOwn(this, 'expose', value)
  }

  /** Errors of http-errors count as instances of HttpError itself. A subclass has only its own instances. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === HttpError ? value instanceof createError.HttpError : super[Symbol.hasInstance](value)
  }
}

/** Throws for the arguments of http-errors' constructors and for others in the wrong place, whose errors would say nothing. */
function checkArguments(name: string, message: unknown, properties: unknown): void {
  const isText = message === undefined || message === null || typeof message === 'string'
  if (isText && isRecord(properties) && !isError(properties)) return
  const [problem, fix] = isText
    ? [`the properties must be an object, not ${describe(properties)}`, '{ status: 404, cause: error }']
    : [
        `the message must be a text, not ${describe(message)}`,
        isError(message) ? '{ cause: error }' : '{ status: 404 }',
      ]
  throw new TypeError(`new ${name}(message, properties): ${problem}. Write new ${name}('no such page', ${fix})`)
}

function setOwn(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, enumerable: true, configurable: true })
}

/**
 * A class field without a value hides what the constructor has set: `status: number` without `declare`, for instance.
 *
 * @throws TypeError for a class field that is no HTTP error status
 */
function restore(error: Error, given: Readonly<Record<string, unknown>>): void {
  for (const name of ['statusCode', 'expose', ...Object.keys(given)])
    if (Object.hasOwn(error, name) && Reflect.get(error, name) === undefined) {
      Reflect.deleteProperty(error, name)
      if (name in given) Reflect.set(error, name, given[name])
    }
  const { status } = error as HttpErrorInstance
  if (!isErrorStatus(status)) throw new TypeError(notAStatus(error.name, status), { cause: error })
}

/** Any HTTP error. Errors of http-errors may have further properties. */
export type HttpError<Status extends number = number> = AnyHttpError<Status>

/** @throws TypeError when `status` is none that HTTP names for an error */
function checkedStatus(className: string, status: unknown): number {
  if (isErrorCode(status)) return status
  throw new TypeError(notAStatus(className, status))
}

const notAStatus = (where: string, status: unknown) =>
  `${where}: ${describe(status)} is not an HTTP error status. Use one from 400 to 599 that HTTP names.`

/** Throws a SetupError for a subclass of HttpError whose `static status` makes each `new` a TypeError. */
export function checkStaticStatus(errorClass: { readonly name: string; readonly prototype: unknown }, where: string) {
  const { status = 500 } = errorClass as { readonly status?: unknown }
  if (isErrorCode(status) || !(errorClass.prototype instanceof HttpError)) return
  throw new SetupError('BAD_ERROR_HANDLER', notAStatus(`${where}: static status of ${errorClass.name}`, status))
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

/** Whether a status is that of an error, also one that HTTP does not name, such as 499. */
const isErrorStatus = (status: unknown): status is number =>
  Number.isInteger(status) && (status as number) >= 400 && (status as number) < 600

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
  return (createError.isHttpError(error) || expose === true) && isErrorStatus(status)
}

/** The 500 error that a 500 handler gets for an unhandled error, which is its `cause` [6.3]. */
export function internalServerError(cause: Error): HttpError {
  return createError(500, { cause })
}
