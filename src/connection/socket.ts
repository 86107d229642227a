import { Socket } from 'node:net'

/** The socket that a request came by, on its ctx: each request looks it up, and a WeakMap costs more. */
const SOCKET = Symbol('flaskoa:socket')

interface RequestWithSocket {
  readonly req: { readonly httpVersionMajor: number; socket: Socket | null }
  [SOCKET]?: Socket | null
}

/** Remembers a request's socket: Node's `pipeline` sets `req.socket` to null when it fails before the request's end. */
export function keepSocket(ctx: RequestWithSocket): void {
  // Not for HTTP/2, which would create a proxy of the socket.
  if (ctx.req.httpVersionMajor < 2) ctx[SOCKET] ??= ctx.req.socket
}

/** Restores `req.socket`: Koa's `ctx.secure` and `ctx.ip` read it, for cookies and logs. */
export function restoreSocket(ctx: RequestWithSocket): void {
  const socket = ctx[SOCKET]
  if (socket !== undefined && ctx.req.socket === null) ctx.req.socket = socket
}

/** The socket of an HTTP/1 response: `undefined` for an HTTP/2 stream, and for the fake socket of a test. */
export function socketOf(ctx: RequestWithSocket): Socket | undefined {
  if (ctx.req.httpVersionMajor >= 2) return undefined
  const socket = ctx[SOCKET] ?? ctx.req.socket
  return socket instanceof Socket ? socket : undefined
}
