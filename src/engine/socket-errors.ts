import type Koa from 'koa'
import onFinished from 'on-finished'
import { isHttp2Response, type Http2Response } from '../connection/http2-response'
import { ResponseEnd } from '../connection/response-end'
import { ServerResponse } from './server-response'

/**
 * Reports an error of the socket to the context whose response is being sent. Koa adds a listener to each response for that,
 * with on-finished; one listener for each socket is enough (14 %).
 */
export function onSocketError(ctx: Koa.Context): void {
  const { res } = ctx
  if (isHttp2Response(res)) return // see onStreamError
  // on-finished handles fake sockets and the responses of other servers.
  if (res instanceof ServerResponse && ResponseEnd.of(ctx).reportsSocketErrors()) return
  onFinished(res, error => {
    ctx.onerror(error as Error)
  })
}

/** The same for an HTTP/2 stream, which is watched from now on. Call this unless its response is sent at once. */
export function onStreamError(ctx: Koa.Context): void {
  if (isHttp2Response(ctx.res)) ResponseEnd.of(ctx).reportStreamErrors(ctx.res.stream)
}

/** The contexts whose responses were sent in this turn of the event loop. */
let sent: Koa.Context[] = []

/** Looks later whether the connection has taken the response: until then a client can't have reset the stream. */
export function onStreamErrorUnlessSent(ctx: Koa.Context): void {
  if (sent.push(ctx) === 1) setImmediate(checkSent)
}

function checkSent(): void {
  const contexts = sent
  sent = []
  for (const ctx of contexts) if (!(ctx.res as Http2Response).stream.writableFinished) onStreamError(ctx)
}
