import type Koa from 'koa'
import onFinished from 'on-finished'
import { ResponseEnd } from '../connection/response-end'
import { ServerResponse } from './server-response'

/**
 * Tells a context when its socket fails before the response is out. Koa listens to each response for that, with
 * on-finished; one listener for each socket does as well (14 %).
 */
export function onSocketError(ctx: Koa.Context): void {
  const { res } = ctx
  // on-finished knows HTTP/2, stand-ins for a socket and the responses of other servers.
  if (res instanceof ServerResponse && ResponseEnd.of(ctx).reportSocketErrors()) return
  onFinished(res, error => {
    ctx.onerror(error as Error)
  })
}
