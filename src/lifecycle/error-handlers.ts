import createError from 'http-errors'
import {
  checkStaticStatus,
  HttpError,
  isErrorCode,
  isHttpError,
  standardClass,
  ThrownResponse,
} from '../errors/http-error'
import type { Context } from '../types'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'

/** A user's error handler, bound and named `Class.method`. */
export type ErrorHandler = (error: Error, ctx: Context) => unknown

/** The place, among the classes of an error, of handlers whose class decides with `Symbol.hasInstance`: just before Error. */
const BY_INSTANCE = Symbol('by instance')

/** The error handlers of one scope (the application or a blueprint) by class. A code stands for its standard class. */
export class ErrorHandlers {
  readonly #byClass = new Map<unknown, ErrorHandler>()
  /** The classes with a `Symbol.hasInstance` of their own, in the order of registration. */
  readonly #deciding = new Set<unknown>()

  /**
   * The last handler for a key wins [5.5]. Throws a SetupError for a key that can never match [11.5].
   *
   * @param decorator the decorator as the user writes it, for that error's message
   */
  set(key: unknown, handler: ErrorHandler, decorator: string): void {
    const errorClass = classOf(key, `${handler.name}: ${decorator}`)
    this.#byClass.set(errorClass, handler)
    if (decidesInstances(errorClass)) this.#deciding.add(errorClass)
  }

  /** Each class that has a handler, in the order of registration. */
  entries(): Iterable<readonly [errorClass: unknown, handler: ErrorHandler]> {
    return this.#byClass.entries()
  }

  /** The handler for the first of these classes that has one. */
  nearest(classes: readonly unknown[], error: Error): ErrorHandler | undefined {
    if (this.#byClass.size === 0) return undefined
    for (const errorClass of classes) {
      const handler = this.#byClass.get(errorClass === BY_INSTANCE ? this.#decidingClass(error) : errorClass)
      if (handler !== undefined) return handler
    }
    return undefined
  }

  #decidingClass(error: Error): unknown {
    for (const each of this.#deciding) if (isInstance(error, each as ErrorClass)) return each
    return undefined
  }
}

/**
 * The handler for an error [5.4]: first those for classes with an HTTP code, then those for classes without one;
 * in each round from the innermost scope to the application; in each scope the class nearest to the error's own. Before
 * `Error` come the classes that decide themselves, with `Symbol.hasInstance`, what is an instance: ZodError, for example.
 */
export function findErrorHandler(scopes: readonly ErrorHandlers[], error: Error): ErrorHandler | undefined {
  for (const classes of roundsFor(error)) {
    for (const scope of scopes) {
      const handler = scope.nearest(classes, error)
      if (handler !== undefined) return handler
    }
  }
  return undefined
}

/** The base of all HTTP errors, as a key. */
const StandardHttpError = createError.HttpError

/**
 * An error's classes for each round, its own first. HTTP errors that were not made by http-errors' classes (subclasses of
 * HttpError, a `status` and `expose`, another copy of the package) extend that of their code, so that `@ErrorHandler(404)`
 * catches every 404. All subclasses of HttpError have a code: 500 without a `static status`.
 */
function roundsFor(error: Error): unknown[][] {
  const own = ownClasses(error)
  const last = [BY_INSTANCE, Error]
  if (own.includes(StandardHttpError)) {
    const withCode = own.filter(each => hasCode(each) && !isStandIn(each, error))
    return [withCode, [...own.filter(each => !hasCode(each)), ...last]]
  }
  if (isHttpError(error)) return [own.concat(standardClass(error.status)), [StandardHttpError, ...last]]
  return [error instanceof ThrownResponse ? [StandardHttpError, Error] : [...own, ...last]]
}

/** The classes that an error is an instance of, up to `Error` or HttpError, nearest first. */
function ownClasses(error: Error): unknown[] {
  const classes: unknown[] = []
  for (let proto: unknown = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    classes.push((proto as { constructor: unknown }).constructor)
  }
  const base = classes.findIndex(each => each === Error || each === HttpError)
  return base === -1 ? classes : classes.slice(0, base)
}

/** `ctx.throw(499)` makes a BadRequest, since 499 has no class: it is no error of the status 400. */
function isStandIn(errorClass: unknown, error: Error): boolean {
  return (
    isHttpError(error) &&
    !isErrorCode(error.status) &&
    errorClass === standardClass(error.status - (error.status % 100))
  )
}

/** Whether a class is one of errors with an HTTP code. Their handlers come first. */
export function hasCode(errorClass: unknown): boolean {
  try {
    return isErrorCode((errorClass as { prototype: { status?: unknown } }).prototype.status)
  } catch {
    return false // a getter that needs an error, or something that is no class
  }
}

type ErrorClass = abstract new (...args: never[]) => unknown

/** Whether a class has or inherits a `Symbol.hasInstance` that is not the one of every function. */
const decidesInstances = (errorClass: unknown): boolean =>
  (errorClass as ErrorClass)[Symbol.hasInstance] !== Function.prototype[Symbol.hasInstance]

function isInstance(error: Error, errorClass: ErrorClass): boolean {
  try {
    return error instanceof errorClass
  } catch {
    return false // the class's own code has failed
  }
}

function classOf(key: unknown, where: string): unknown {
  if (isErrorCode(key)) return standardClass(key)
  if (key === HttpError) return StandardHttpError
  if (typeof key === 'function' && (key === Error || key.prototype instanceof Error)) {
    checkStaticStatus(key, where)
    return key
  }
  if (typeof key === 'function' && decidesInstances(key)) return key
  throw new SetupError(
    'BAD_ERROR_HANDLER',
    typeof key === 'number'
      ? `${where}(${key}) can never run: ${key} is not an HTTP error code. ` +
          'Use a code from 400 to 599 that HTTP names, or an error class.'
      : `${where} needs an HTTP error code or a class that extends Error, not ${describe(key)}. ` +
          'For instance 404, or DatabaseError.',
  )
}
