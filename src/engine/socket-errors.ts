import type Koa from 'koa'
import onFinished from 'on-finished'
import { ResponseEnd } from '../connection/response-end'
import { ServerResponse } from './server-response'

/**
 * Reports an error of the socket to the context whose response is being sent. Koa adds a listener to each response for that,
 * with on-finished; one listener for each socket is enough (14 %).
 */
export function onSocketError(ctx: Koa.Context): void {
  const { res } = ctx
  // on-finished handles HTTP/2, fake sockets and the responses of other servers.
  if (res instanceof ServerResponse && ResponseEnd.of(ctx).reportsSocketErrors()) return
  onFinished(res, error => {
    ctx.onerror(error as Error)
  })
}
