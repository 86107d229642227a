import type Koa from 'koa'
import { describe, toError } from '../errors/describe'

/** The errors that were reported of each context. Not in a RequestContext: Koa reports errors of a ctx that has none. */
const reported = new WeakMap<object, Set<unknown>>()

/** Whether `error` was not reported in this context before; from now on it was. */
export function isFirstReport(context: object, error: unknown): boolean {
  const known = reported.get(context)
  if (known === undefined) reported.set(context, new Set([error]))
  else if (known.has(error)) return false
  else known.add(error)
  return true
}

/** Emits the application's `error` event. A listener that throws stops nothing. */
export function emitError(app: Koa, error: Error, ctx?: Koa.Context): void {
  try {
    app.emit('error', error, ctx)
  } catch (failure) {
    logListenerFailure(failure, error)
  }
}

/** Only the console is left when a listener for errors has thrown. */
export function logListenerFailure(failure: unknown, error: unknown): void {
  const what = ['A listener for the error event threw', toError(failure), 'while it handled'] as const
  try {
    console.error(...what, error)
  } catch {
    console.error(what[0], 'while it handled an error that cannot be shown:', describe(error))
  }
}
