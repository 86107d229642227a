import { standardClass } from '../errors/http-error'
import { hasCode, type ErrorHandler, type ErrorHandlers } from '../lifecycle/error-handlers'

/** An error handler of a route. */
export interface HandlerFact {
  /** What it is registered for: `404`, or the name of a class. */
  readonly error: string
  readonly name: string
  readonly call: ErrorHandler
  /** The blueprint that it belongs to; empty for the application. */
  readonly scope: string
}

/**
 * The handlers that a route's errors can reach, in the order in which they are asked: first those for HTTP codes, then those for
 * other classes, each from the innermost scope out. A handler for the same class in an outer scope is never asked.
 *
 * @param scopes the handlers of each scope, innermost first
 * @param names of these scopes; none for the application
 */
export function handlersOf(scopes: readonly ErrorHandlers[], names: readonly string[]): HandlerFact[] {
  const byClass = new Map<unknown, HandlerFact>()
  for (const [index, scope] of scopes.entries()) {
    for (const [errorClass, call] of scope.entries()) {
      if (byClass.has(errorClass)) continue
      byClass.set(errorClass, { error: labelOf(errorClass), name: call.name, call, scope: names[index] ?? '' })
    }
  }
  const all = [...byClass]
  const inRound = (first: boolean) => all.filter(([errorClass]) => hasCode(errorClass) === first)
  return [...inRound(true), ...inRound(false)].map(([, fact]) => fact)
}

/** A code stands for its standard class, and is its name. */
function labelOf(errorClass: unknown): string {
  const { name, prototype } = errorClass as {
    readonly name: string
    readonly prototype?: { readonly status?: unknown }
  }
  const code = hasCode(errorClass) ? (prototype as { readonly status: number }).status : undefined
  return code !== undefined && standardClass(code) === errorClass ? String(code) : name || '(anonymous class)'
}
