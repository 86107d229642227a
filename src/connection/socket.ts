import { Socket } from 'node:net'
import { isHttp2 } from './http2'

/** The socket that a request came by, on its ctx: each request looks it up, and a WeakMap costs more. */
const SOCKET = Symbol('flaskoa:socket')

interface RequestWithSocket {
  readonly req: { readonly httpVersionMajor: number; socket: Socket | null }
  [SOCKET]?: Socket | null
}

/** Remembers a request's socket: Node's `pipeline` sets `req.socket` to null when it fails before the request's end. */
export function keepSocket(ctx: RequestWithSocket): void {
  // Not for HTTP/2, which would create a proxy of the socket. The number decides for most: the class is checked above 1 only.
  if (ctx[SOCKET] === undefined && (ctx.req.httpVersionMajor < 2 || !isHttp2(ctx.req))) ctx[SOCKET] = ctx.req.socket
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
