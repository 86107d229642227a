import type Koa from 'koa'
import { toError } from '../errors/describe'
import { logError, logUnhandled, togetherWith } from './log'
import { loggerOf } from './loggers'

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

/** The errors that were reported by flaskoa itself, and not by Koa or other middleware. */
const ownReports = new WeakSet<Error>()

export const isOwnReport = (error: Error): boolean => ownReports.has(error)

/** Emits the application's `error` event. A listener that throws stops nothing. */
export function emitError(app: Koa, error: Error, ctx?: Koa.Context): void {
  ownReports.add(error)
  // Without a listener, `emit` throws the error.
  if (app.listenerCount('error') === 0) return logUnhandled(loggerOf(app), error, ctx)
  try {
    app.emit('error', error, ctx)
  } catch (failure) {
    logListenerFailure(app, failure, error, ctx)
  }
}

/** Logs what a listener for errors has thrown, and the error that it did not handle. */
export function logListenerFailure(app: Koa, failure: unknown, error: unknown, ctx?: Koa.Context): void {
  const logger = loggerOf(app)
  const both = togetherWith(toError(error), toError(failure))
  // The listener may be the logger's: then only the console is left.
  for (const each of logger === false ? [] : [logger, console]) {
    try {
      return logError(each, 'A listener for the error event threw: ', both, ctx)
    } catch {
      // The next one.
    }
  }
}
