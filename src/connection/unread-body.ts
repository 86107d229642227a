import { constants } from 'node:http2'
import type Koa from 'koa'
import { http2StreamOf } from './http2'

/**
 * Ends the connection, with HTTP/2 the stream, after the response, if the request's body has not arrived as a whole: a client
 * that never sends the rest would keep it open.
 */
export function endAfterResponse(ctx: Koa.Context): void {
  const { req, res } = ctx
  if (req.complete || res.headersSent) return
  const stream = http2StreamOf(res)
  // Not by a header field: an error handler's response starts without the fields of the one before.
  if (stream === undefined) res.shouldKeepAlive = false
  else stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR)) // the response is finished only when it closes
}
