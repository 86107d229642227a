import { HttpError, isErrorCode, isHttpError, standardClass, ThrownResponse } from './errors'
import { SetupError } from './setup-error'

/** A user's error handler, bound and named `Class.method`. */
export type ErrorHandler<Context> = (error: Error, ctx: Context) => unknown

/** The error handlers of one scope (the application or a blueprint) by class. A code stands for its standard class. */
export class ErrorHandlers<Context> {
  /** Handlers for classes with a code of their own, asked in the first round (FLASK.md 5.4). */
  readonly #coded = new Map<unknown, ErrorHandler<Context>>()
  /** Handlers for all other classes, asked in the second. */
  readonly #uncoded = new Map<unknown, ErrorHandler<Context>>()

  /** The last handler for a key wins (5.5). Throws a SetupError for a key that can never match (11.5). */
  set(key: unknown, handler: ErrorHandler<Context>): void {
    const errorClass = classOf(key, handler.name)
    const table = isErrorCode(codeOf(errorClass)) ? this.#coded : this.#uncoded
    table.set(errorClass, handler)
  }

  nearest(classes: readonly unknown[], coded: boolean): ErrorHandler<Context> | undefined {
    const table = coded ? this.#coded : this.#uncoded
    if (table.size === 0) return undefined
    for (const errorClass of classes) {
      const handler = table.get(errorClass)
      if (handler !== undefined) return handler
    }
    return undefined
  }
}

/**
 * The handler for an error (FLASK.md 5.4): first those for its HTTP code, then those for classes without one; in each
 * round from the innermost scope to the application; in each scope the class nearest to the error's own.
 */
export function findErrorHandler<Context>(
  scopes: readonly ErrorHandlers<Context>[],
  error: Error,
): ErrorHandler<Context> | undefined {
  const classes = classesOf(error)
  for (const coded of isHttpError(error) ? [true, false] : [false]) {
    for (const scope of scopes) {
      const handler = scope.nearest(classes, coded)
      if (handler !== undefined) return handler
    }
  }
  return undefined
}

/**
 * An error's classes, its own first. HTTP errors that were made without http-errors' classes (a `status` and `expose`, or
 * another copy of the package) get those of their code, so that `@ErrorHandler(404)` catches every 404.
 */
function classesOf(error: Error): unknown[] {
  const classes: unknown[] = []
  for (let proto: unknown = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    classes.push((proto as { constructor: unknown }).constructor)
  }
  const base = classes.indexOf(Error)
  const own = base === -1 ? classes : classes.slice(0, base)
  const http = isHttpError(error)
    ? [standardClass(error.status), HttpError]
    : error instanceof ThrownResponse
      ? [HttpError]
      : []
  return [...own, ...http.filter(errorClass => !own.includes(errorClass)), Error]
}

function classOf(key: unknown, handler: string): unknown {
  if (isErrorCode(key)) return standardClass(key)
  if (typeof key === 'function' && (key === Error || key.prototype instanceof Error)) return key
  throw new SetupError(
    'BAD_ERROR_HANDLER',
    typeof key === 'number'
      ? `${handler}: @ErrorHandler(${String(key)}) can never run: ${String(key)} is not an HTTP error code. ` +
          'Use a code from 400 to 599 that HTTP names, or an error class.'
      : `${handler}: @ErrorHandler needs an HTTP error code or a class that extends Error, for instance ` +
          '@ErrorHandler(404) or @ErrorHandler(DatabaseError).',
  )
}

function codeOf(errorClass: unknown): unknown {
  return (errorClass as { prototype: { status?: unknown } }).prototype.status
}
