import { Socket } from 'node:net'
import type Koa from 'koa'
import onFinished from 'on-finished'

/**
 * On a socket, the contexts whose responses are not out: one, or several when requests are pipelined. The socket must not
 * keep them alive while it waits for another request; the response does, which Node keeps until it is out.
 */
const UNDERWAY = Symbol('flaskoa:underway')
const CONTEXT = Symbol('flaskoa:context')

type Watched = Socket & { [UNDERWAY]?: WeakRef<Koa.Context>[] }

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
  ;(ctx.res as { [CONTEXT]?: Koa.Context })[CONTEXT] = ctx
  const reference = new WeakRef(ctx)
  const underway = socket[UNDERWAY]
  if (underway === undefined) watch(socket, reference)
  else if (underway.length === 1 && isOut(underway[0] as WeakRef<Koa.Context>)) underway[0] = reference
  else socket[UNDERWAY] = [...underway.filter(earlier => !isOut(earlier)), reference]
}

/** The error is told once, and to the response that the socket is for: those that wait behind it never have it. */
function watch(socket: Watched, reference: WeakRef<Koa.Context>): void {
  socket[UNDERWAY] = [reference]
  socket.on('error', error => {
    const contexts = (socket[UNDERWAY] as WeakRef<Koa.Context>[]).map(each => each.deref())
    socket[UNDERWAY] = []
    contexts.find(ctx => ctx?.res.socket === socket)?.onerror(error)
  })
}

const isOut = (reference: WeakRef<Koa.Context>): boolean => reference.deref()?.res.writableFinished !== false
