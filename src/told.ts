import type Koa from 'koa'
import { describe, toError } from './errors'

/** What was told of each context. */
const told = new WeakMap<object, Set<unknown>>()

/** Whether nobody was told of `error` in this context, which from now on is otherwise. */
export function isNews(context: object, error: unknown): boolean {
  const known = told.get(context)
  if (known === undefined) told.set(context, new Set([error]))
  else if (known.has(error)) return false
  else known.add(error)
  return true
}

/** Tells the application of an error that nobody handled. A listener that throws stops nothing. */
export function tell(app: Koa, error: Error, ctx?: Koa.Context): void {
  try {
    app.emit('error', error, ctx)
  } catch (failure) {
    tellOfListener(failure, error)
  }
}

/** There is nobody else to tell that a listener for errors has thrown. */
export function tellOfListener(failure: unknown, error: unknown): void {
  const what = ['A listener for the error event threw', toError(failure), 'while it was told of'] as const
  try {
    console.error(...what, error)
  } catch {
    console.error(what[0], 'while it was told of an error that cannot be shown:', describe(error))
  }
}
