import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { isHttp2 } from './http2'
import { prepareHttp2Response } from './http2-response'

/** The socket that a request came by, on its ctx: each request looks it up, and a WeakMap costs more. */
const SOCKET = Symbol('flaskoa:socket')

interface RequestWithSocket {
  readonly req: { readonly httpVersionMajor: number; readonly method?: string | undefined; socket: Socket | null }
  readonly res: ServerResponse
  [SOCKET]?: Socket | null
}

/**
 * Remembers a request's socket: Node's `pipeline` sets `req.socket` to null when it fails before the request's end. Prepares
 * the response of an HTTP/2 request, whose socket is not kept, since Node would create a proxy of it.
 */
export function keepSocket(ctx: RequestWithSocket): void {
  if (ctx[SOCKET] !== undefined) return
  // The number decides for most: the class is checked above 1 only.
  if (ctx.req.httpVersionMajor < 2 || !isHttp2(ctx.req)) ctx[SOCKET] = ctx.req.socket
  else {
    ctx[SOCKET] = null
    prepareHttp2Response(ctx.req, ctx.res)
  }
}

/** Restores `req.socket`: Koa's `ctx.secure` and `ctx.ip` read it, for cookies and logs. */
export function restoreSocket(ctx: RequestWithSocket): void {
  const socket = ctx[SOCKET]
  if (socket !== undefined && ctx.req.socket === null) ctx.req.socket = socket
}

/** The socket of an HTTP/1 response: `undefined` for an HTTP/2 stream, and for the fake socket of a test. */
export function socketOf(ctx: RequestWithSocket): Socket | undefined {
  const socket = ctx[SOCKET] ?? (isHttp2(ctx.req) ? undefined : ctx.req.socket)
  return socket instanceof Socket ? socket : undefined
}
