import { Socket } from 'node:net'
import { isHttp2 } from './http2'

const SOCKET = Symbol('flaskoa:socket')

interface Received {
  readonly req: { readonly httpVersionMajor: number; socket: Socket | null }
  [SOCKET]?: Socket | null
}

/** Notes by which socket a request came: Node's `pipeline` takes `req.socket` away when it fails before the request's end. */
export function keepSocket(ctx: Received): void {
  // HTTP/2 would make a stand-in for it. The number decides for most requests: the class is asked only above 1.
  if (ctx.req.httpVersionMajor < 2 || !isHttp2(ctx.req)) ctx[SOCKET] ??= ctx.req.socket
}

/** Puts it back: Koa's `ctx.secure` and `ctx.ip`, with which cookies are made and logs written, ask `req.socket`. */
export function restoreSocket(ctx: Received): void {
  const socket = ctx[SOCKET]
  if (socket !== undefined && ctx.req.socket === null) ctx.req.socket = socket
}

/** The socket that a response has for itself: `undefined` if it has a stream of HTTP/2's or a stand-in for tests. */
export function socketOf(ctx: Received): Socket | undefined {
  const socket = ctx[SOCKET] ?? (isHttp2(ctx.req) ? undefined : ctx.req.socket)
  return socket instanceof Socket ? socket : undefined
}
