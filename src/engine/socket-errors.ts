import type { Socket } from 'node:net'
import type Koa from 'koa'
import onFinished from 'on-finished'
import { ServerResponse } from './server-response'
import { socketOf } from '../connection/socket'

/** On a socket, the contexts whose responses are not out: one, or several when requests are pipelined. */
const UNDERWAY = Symbol('flaskoa:underway')
const CONTEXT = Symbol('flaskoa:context')

type Watched = Socket & { [UNDERWAY]?: Koa.Context[] }
type Response = ServerResponse & { [CONTEXT]?: Koa.Context }

/**
 * Tells a context when its socket fails before the response is out. Koa listens to each response for that, with
 * on-finished; one listener for each socket does as well (14 %).
 */
export function onSocketError(ctx: Koa.Context): void {
  const { res } = ctx
  const socket: Watched | undefined = socketOf(ctx)
  // What HTTP/2, stand-ins for a socket and servers of somebody else do is on-finished's to know.
  if (!(res instanceof ServerResponse) || socket === undefined) {
    onFinished(res, error => {
      ctx.onerror(error as Error)
    })
    return
  }
  ;(res as Response)[CONTEXT] = ctx
  res.onClose(forget)
  if (socket[UNDERWAY] === undefined) watch(socket)
  socket[UNDERWAY]?.push(ctx)
}

/** The error is told once, and to the response that the socket is for: those that wait behind it never have it. */
function watch(socket: Watched): void {
  const underway: Koa.Context[] = (socket[UNDERWAY] = [])
  socket.on('error', error => {
    underway
      .splice(0)
      .find(ctx => ctx.res.socket === socket)
      ?.onerror(error)
  })
}

/** A socket that waits for another request must not keep the last one alive. */
function forget(res: Response): void {
  const ctx = res[CONTEXT] as Koa.Context
  const underway = (socketOf(ctx) as Watched)[UNDERWAY] as Koa.Context[]
  // Most often it is the only one.
  if (underway[underway.length - 1] === ctx) return void underway.pop()
  const index = underway.indexOf(ctx)
  if (index !== -1) underway.splice(index, 1)
}
