import type Koa from 'koa'
import statuses from 'statuses'
import { isUnhandled } from './failure'
import { isOwnReport } from './error-event'

/** The status that Koa answers an error with. */
export function koaStatusOf(error: unknown): number {
  const { status, statusCode } = Object(error) as { status?: unknown; statusCode?: unknown }
  const code = status || statusCode
  return typeof code === 'number' && statuses.message[code] !== undefined ? code : 500
}

/**
 * Whether Koa answers an error with a 4xx: a mistake of the client that middleware around the lifecycle has found, and no
 * exception. Not an error that leaves the lifecycle, which only has a 4xx as its status, for instance of another server.
 */
export function isClientError(error: Error, ctx: Koa.Context): boolean {
  const status = koaStatusOf(error)
  return status >= 400 && status < 500 && !ctx.headerSent && !isUnhandled(ctx, error) && !isOwnReport(error)
}
