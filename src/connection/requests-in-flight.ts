import { constants } from 'node:http2'
import type Koa from 'koa'
import { http2StreamOf } from './http2'

/** The requests of a server that are in a lifecycle, of any application mounted in it. */
export class RequestsInFlight<T = unknown> extends Set<T> {
  /** Ends what is left of requests that have left. */
  readonly #unread = new Set<() => void>()

  /** Removes a request that is answered. Its body may not have arrived as a whole: that keeps its connection busy. */
  leave(request: T, { req, res }: Koa.Context): void {
    this.delete(request)
    const stream = http2StreamOf(res)
    const isRead = req.complete || req.destroyed || stream?.endAfterHeaders === true
    if (isRead) return
    const end = () => {
      if (stream === undefined) req.socket.destroySoon()
      else stream.close(constants.NGHTTP2_NO_ERROR)
    }
    this.#unread.add(end)
    req.once('close', () => this.#unread.delete(end))
  }

  /** Ends the connections, with HTTP/2 the streams, of answered requests whose bodies have not arrived as a whole. */
  endUnread(): void {
    for (const end of this.#unread) end()
  }
}
