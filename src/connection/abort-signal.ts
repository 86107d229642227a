import { constants, type ServerHttp2Stream } from 'node:http2'
import type Koa from 'koa'
import { http2StreamOf } from './http2'
import { ResponseEnd } from './response-end'
import { socketOf } from './socket'

/** The controller of `ctx.signal`, made when somebody first asks for it, or the reason for which it is aborted by then. */
const CONTROLLER = Symbol('flaskoa:abort')
const leavings = new WeakSet<Error>()
type Aborted = Koa.Context & { [CONTROLLER]?: AbortController | Error }

/** Gives an application's contexts `signal`, unless they have one. */
export function addSignal({ context }: Koa): void {
  if ('signal' in context) return
  const get = function (this: Koa.Context) {
    return signalOf(this)
  }
  // An application's own middleware may give a request another.
  const set = function (this: Koa.Context, value: unknown) {
    Object.defineProperty(this, 'signal', { value, writable: true, configurable: true, enumerable: true })
  }
  Object.defineProperty(context, 'signal', { get, set, configurable: true })
}

/** Aborted when the client goes away before the response is out, at the request's deadline, and when the server gives up. */
export function signalOf(ctx: Aborted): AbortSignal {
  const known = ctx[CONTROLLER]
  if (known instanceof AbortController) return known.signal
  const controller = (ctx[CONTROLLER] = new AbortController())
  if (known !== undefined) controller.abort(known)
  whenResponseIsOut(ctx, () => {
    if (isAborted(ctx)) controller.abort(clientLeft())
  })
  return controller.signal
}

/** Nothing happens to a signal that is aborted already. */
export function abortSignal(ctx: Aborted, reason: Error): void {
  const known = ctx[CONTROLLER]
  if (known instanceof AbortController) known.abort(reason)
  else if (known === undefined) ctx[CONTROLLER] = reason
}

/** `undefined` as long as nothing is aborted. */
function reasonOf(ctx: Aborted): unknown {
  const known = ctx[CONTROLLER]
  return known instanceof AbortController ? known.signal.reason : known
}

/** Whether an error tells no more than that the client has left: the reason of a signal, or what reading its body ends with. */
export const isLeaving = (ctx: Aborted, error: Error): boolean =>
  (reasonOf(ctx) === error && leavings.has(error)) || (ctx.req.errored === error && !ctx.req.complete)

/** Whether the response was broken off on purpose, which its stream may take for a failure. */
export const isGivenUp = (ctx: Aborted): boolean => reasonOf(ctx) !== undefined

/** Calls `done` after the last byte of the response or the abort: now, if that is past. */
export function whenResponseIsOut(ctx: Koa.Context, done: () => void): void {
  ResponseEnd.of(ctx).whenOut(done)
}

/** Whether a response that is closed did not reach its end. */
export function isAborted(ctx: Koa.Context): boolean {
  const { res } = ctx
  const stream = http2StreamOf(res)
  if (stream !== undefined) return isStreamAborted(stream)
  if (socketOf(ctx) === undefined) return !res.writableEnded
  // To Node, what was written to a connection that is gone is finished, too; but only what was sent lets go of its socket,
  // and one that was destroyed before its turn came never closes.
  return ResponseEnd.isUnsent(res) || !(res.writableFinished && res.socket === null && res.destroyed === res.closed)
}

/** A client that has all of it says nothing, or that it doesn't want to send the rest of what it was sending. */
const isStreamAborted = ({ rstCode, writableFinished }: ServerHttp2Stream): boolean =>
  rstCode !== constants.NGHTTP2_NO_ERROR || !writableFinished

/** The reason of a signal, and what teardown gets, when the client did not stay for the whole response. */
export function clientLeft(): Error {
  const error = new Error('The client went away before the end of the response')
  error.name = 'AbortError'
  leavings.add(error)
  return Object.assign(error, { code: 'ABORT_ERR' })
}
