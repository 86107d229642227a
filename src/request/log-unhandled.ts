import type Koa from 'koa'
import { stackOf } from '../errors/describe'

/** Writes an unhandled error to the logger: what the `error` event of an application from `bootstrap` does. */
export function logUnhandled(logger: Pick<Console, 'error'>, error: Error, ctx: Koa.Context | undefined): void {
  const where = ctx === undefined ? '' : ` on ${ctx.path} [${ctx.method}]`
  logger.error(`Exception${where}\n${stackOf(error)}`)
}
