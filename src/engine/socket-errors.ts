import { Socket } from 'node:net'
import type Koa from 'koa'
import onFinished from 'on-finished'

/** The contexts of a socket whose responses are not out: one, or several when requests are pipelined. */
const UNDERWAY = Symbol('flaskoa:underway')

type Watched = Socket & { [UNDERWAY]?: Koa.Context[] }

/**
 * Tells a context when its socket fails before the response is out. Koa listens to each response for that, with
 * on-finished; one listener for each socket does as well (14 %).
 */
export function onSocketError(ctx: Koa.Context): void {
  const socket = ctx.req.socket as Watched
  // What HTTP/2 and stand-ins for a socket do is on-finished's to know.
  if (ctx.req.httpVersionMajor >= 2 || !(socket instanceof Socket)) {
    onFinished(ctx.res, error => {
      ctx.onerror(error as Error)
    })
    return
  }
  const underway = socket[UNDERWAY]
  if (underway === undefined) watch(socket, ctx)
  else if (underway.length === 1 && isOut(underway[0] as Koa.Context)) underway[0] = ctx
  else socket[UNDERWAY] = [...underway.filter(earlier => !isOut(earlier)), ctx]
}

/** The error is told once, and to the response that the socket is for: those that wait behind it never have it. */
function watch(socket: Watched, ctx: Koa.Context): void {
  socket[UNDERWAY] = [ctx]
  socket.on('error', error => {
    const current = socket[UNDERWAY]?.find(({ res }) => res.socket === socket)
    socket[UNDERWAY] = []
    current?.onerror(error)
  })
}

const isOut = ({ res }: Koa.Context): boolean => res.writableFinished
