import { Socket } from 'node:net'

const SOCKET = Symbol('flaskoa:socket')

interface Received {
  readonly req: { readonly httpVersionMajor: number; socket: Socket | null }
  [SOCKET]?: Socket | null
}

/** Notes by which socket a request came: Node's `pipeline` takes `req.socket` away when it fails before the request's end. */
export function keepSocket(ctx: Received): void {
  // HTTP/2 would make a stand-in for it.
  if (ctx.req.httpVersionMajor < 2) ctx[SOCKET] ??= ctx.req.socket
}

/** Puts it back: Koa's `ctx.secure` and `ctx.ip`, with which cookies are made and logs written, ask `req.socket`. */
export function restoreSocket(ctx: Received): void {
  const socket = ctx[SOCKET]
  if (socket !== undefined && ctx.req.socket === null) ctx.req.socket = socket
}

/** The socket that a response has for itself: `undefined` if it has a stream of HTTP/2's or a stand-in for tests. */
export function socketOf(ctx: Received): Socket | undefined {
  if (ctx.req.httpVersionMajor >= 2) return undefined
  const socket = ctx[SOCKET] ?? ctx.req.socket
  return socket instanceof Socket ? socket : undefined
}
