import type Koa from 'koa'
import type { Logger, RequestLogger } from '../types'
import { shownIdOf } from './request-id'

/** The option `logger` of each application. What reports an error knows only the application; weak, because it may be dropped. */
const loggers = new WeakMap<Koa, Logger | false>()

export function setLogger(app: Koa, logger: Logger | false): void {
  loggers.set(app, logger)
}

/** The logger of an application: the console, if `bootstrap` did not make it. */
export const loggerOf = (app: Koa): Logger | false => loggers.get(app) ?? console

/** pino, winston and bunyan have it: a logger whose entries have further fields. */
interface Parent extends Logger {
  child?(fields: object): Logger
}

/** What `ctx.log` is. */
export function requestLoggerOf(ctx: Koa.Context): RequestLogger {
  const logger = loggerOf(ctx.app)
  return logger === false ? SILENT : childOf(logger, ctx)
}

/** The logger for what concerns a request: a child of the application's, if it has children. */
export function childOf(logger: Parent, ctx: Koa.Context): Logger {
  if (typeof logger.child !== 'function') return logger
  const known = children.get(ctx)
  const requestId = shownIdOf(ctx)
  if (known?.parent === logger && known.requestId === requestId) return known.child
  const child = logger.child({ requestId })
  children.set(ctx, { parent: logger, requestId, child })
  return child
}

/** The child of each request, for the id that it was made with: other middleware may have put another one on `ctx.id` since. */
const children = new WeakMap<Koa.Context, { parent: Logger; requestId: string; child: Logger }>()

/** `ctx.log` of an application with the option `logger: false`. */
const SILENT: Logger & Record<string, () => void> = Object.fromEntries(
  ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'log', 'silly', 'verbose'].map(level => [
    level,
    () => undefined,
  ]),
) as never
