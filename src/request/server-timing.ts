import type Koa from 'koa'
import { isThenable } from '../util/thenable'
import { serverTiming } from './timeline'

/** The middleware of a lifecycle, and then the field `Server-Timing`. */
export function withServerTiming(handle: (ctx: Koa.Context, next: Koa.Next) => unknown): typeof handle {
  return (ctx, next) => {
    const running = handle(ctx, next)
    if (!isThenable(running)) return noteServerTiming(ctx)
    return running.then(() => {
      noteServerTiming(ctx)
    })
  }
}

/** Adds the field, unless the response is on its way already. */
export function noteServerTiming(ctx: Koa.Context): void {
  const timing = serverTiming(ctx)
  if (timing !== '' && !ctx.headerSent) ctx.append('Server-Timing', timing)
}
