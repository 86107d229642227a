import type { Socket } from 'node:net'
import type Koa from 'koa'
import { Connection } from './connection'
import { http2, http2StreamOf } from './http2'

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
  else stream.once('finish', () => stream.close(http2().constants.NGHTTP2_NO_ERROR)) // the response is finished only when it closes
}

/** Notes for a shutdown that a request is answered whose body has not arrived as a whole: it keeps its connection busy. */
export function noteUnreadBody({ req, res }: Koa.Context): void {
  const connection = Connection.existing(req.socket)
  const stream = http2StreamOf(res)
  if (req.complete || stream?.endAfterHeaders === true || connection === undefined) return
  if (stream === undefined) connection.unread = new WeakRef(req)
  else {
    const streams = (connection.unreadStreams ??= new Set()).add(stream)
    stream.once('close', () => streams.delete(stream))
  }
}

/** Ends a connection, with HTTP/2 its streams, that only waits for the rest of requests which are answered. */
export function endUnreadBodies(socket: Socket): void {
  const { unread, unreadStreams = [] } = Connection.of(socket)
  if (unread?.deref()?.complete === false) socket.destroySoon()
  for (const stream of unreadStreams) stream.close(http2().constants.NGHTTP2_NO_ERROR)
}
