import { Console } from 'node:console'
import type Koa from 'koa'
import { isError, stackOf, textOf, toError } from '../errors/describe'
import { sourcePlaceOf } from '../errors/source-frames'
import type { Context, LogEntry, Logger } from '../types'
import { isBodyError } from './failure'
import { childOf } from './loggers'
import { shownIdOf } from './request-id'

/** Writes an unhandled error to the logger: what the `error` event of an application from `bootstrap` does. */
export function logUnhandled(logger: Logger | false, thrown: unknown, ctx: Koa.Context | undefined): void {
  const place = ctx !== undefined && isBodyError(ctx) ? 'in the body stream of' : 'on'
  const where = ctx === undefined ? '' : ` ${place} ${ctx.path} [${ctx.method}]`
  logError(logger, `Exception${where}: `, toError(thrown), ctx)
}

/**
 * Writes an error to the logger, as it is: with its causes, which a text would lose.
 *
 * @param what the beginning of the message
 */
export function logError(logger: Logger | false, what: string, err: Error, ctx?: Koa.Context): void {
  // Monitoring shows the message alone, so that it has the error's own text.
  const message = what + textOf(err) + sourcePlaceOf(err)
  try {
    write(logger, message, ctx === undefined ? { err } : { err, ctx: ctx as Context })
  } catch {
    // The logger may have failed to read the error: a getter may throw.
    write(logger, message, { err: readableCopy(err) as Error })
  }
}

/** Writes a line to the logger: `(message, err)` to a console, `({ err, ctx }, message)` to all others, as pino takes it. */
export function write(logger: Logger | false, message: string, entry: LogEntry = {}): void {
  if (logger === false) return
  if (logger !== console && !(logger instanceof Console)) {
    const { ctx } = entry
    const child = ctx === undefined ? logger : childOf(logger, ctx)
    const isNamed = ctx === undefined || child !== logger
    return noteRejection(child.error(isNamed ? entry : { ...entry, requestId: shownIdOf(ctx) }, message), entry)
  }
  const { err } = entry
  if (err === undefined) (logger as Console).error(message)
  else (logger as Console).error(message, err)
}

/** A logger that sends its lines elsewhere may return a promise: without this, its rejection would end the process. */
function noteRejection(written: unknown, { err }: LogEntry): void {
  if (typeof written !== 'object' || written === null) return
  Promise.resolve(written).catch((failure: unknown) => {
    logError(console, 'The logger failed: ', togetherWith(err, toError(failure)))
  })
}

/** The failure of what had to handle an error, and that error. */
export function togetherWith(error: Error | undefined, failure: Error): Error {
  const errors = error === undefined ? [failure] : [failure, error]
  return new AggregateError(errors, errors.map(textOf).join(', while it handled: '))
}

/** Errors may have a chain of causes that is too long to walk, or new ones at each look. */
const MOST_COPIES = 100

/**
 * An error with the texts of another, its causes and its errors, and nothing else of it.
 *
 * @param copies by error: causes may be a circle
 */
function readableCopy(thrown: unknown, copies = new Map<unknown, unknown>()): unknown {
  if (!isError(thrown)) return thrown
  const known = copies.get(thrown)
  if (known !== undefined) return known
  if (copies.size === MOST_COPIES) return new Error('Further errors are not logged.')
  const error = toError(thrown)
  const { name, cause, errors } = error as Partial<AggregateError>
  const copy = new Error(error.message)
  copies.set(thrown, copy)
  set(copy, 'name', name)
  set(copy, 'stack', stackOf(error))
  if (cause !== undefined) set(copy, 'cause', readableCopy(cause, copies))
  const copied = Array.isArray(errors)
    ? errors.slice(0, MOST_COPIES).map(each => readableCopy(each, copies))
    : undefined
  if (copied !== undefined) set(copy, 'errors', copied)
  return copy
}

/** Sets a property that is not listed, like those that errors have. */
const set = (error: Error, name: string, value: unknown) =>
  Object.defineProperty(error, name, { value, configurable: true, writable: true })
