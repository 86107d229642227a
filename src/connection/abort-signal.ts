import { setMaxListeners } from 'node:events'
import type Koa from 'koa'
import { http2StreamOf, isHttp2 } from './http2'
import { isStreamSent } from './http2-end'
import { ResponseEnd } from './response-end'
import { socketOf } from './socket'
import { inThisScope } from '../util/async-scope'
import { addReplaceableGetter } from '../util/replaceable-getter'

/** On a ctx: its abort, from the moment when code first needs it. A property, because a WeakMap entry for each ctx costs more. */
const ABORT = Symbol('flaskoa:abort')
/** The errors that `clientDisconnected` made. A set, because a user's AbortError may have the same name and code. */
const clientDisconnects = new WeakSet<Error>()
/** Most requests have none. */
const NO_READERS: readonly never[] = Object.freeze([])
type AbortableContext = Koa.Context & { [ABORT]?: Abort | undefined }

/** Calls the signal's listeners in the async context in which the signal was first read, whatever aborts it. */
class ScopedAbortController extends AbortController {
  override readonly abort = inThisScope((reason: unknown) => {
    super.abort(reason)
  })
}

/** Code that reads a body. */
interface BodyReader {
  aborted(reason: Error): void
}

/** The abort of one request. */
class Abort {
  /** `undefined` as long as the request is not aborted. */
  reason: Error | undefined = undefined
  private controller: AbortController | undefined = undefined
  private isWatched = false
  private readers: readonly BodyReader[] = NO_READERS

  static of(ctx: AbortableContext): Abort {
    return (ctx[ABORT] ??= new Abort())
  }

  /** Like `of`, and it learns from now on that the client has disconnected. */
  static watched(ctx: AbortableContext): Abort {
    const abort = Abort.of(ctx)
    if (!abort.isWatched) {
      abort.isWatched = true
      whenResponseIsOut(ctx, () => {
        if (isAborted(ctx)) abort.abort(clientDisconnected())
      })
    }
    return abort
  }

  /** Made when it is first read: a request that only reads its body needs none. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new ScopedAbortController()
      // A request may pass its signal to any number of calls. The signal ends with the request, so nothing leaks.
      setMaxListeners(Infinity, this.controller.signal)
      if (this.reason !== undefined) this.controller.abort(this.reason)
    }
    return this.controller.signal
  }

  abort(reason: Error): void {
    if (this.reason !== undefined) return
    this.reason = reason
    this.controller?.abort(reason)
    for (const reader of this.readers) reader.aborted(reason)
  }

  add(reader: BodyReader): void {
    this.readers = [...this.readers, reader]
  }

  remove(reader: BodyReader): void {
    this.readers = this.readers.filter(each => each !== reader)
  }
}

/** Adds `signal` to an application's contexts, unless they have one. */
export function addSignal({ context }: Koa): void {
  if (!('signal' in context)) addReplaceableGetter(context, 'signal', signalOf)
}

/** The signal of `ctx`: aborted when the client disconnects before the response is sent, at the deadline, and at a shutdown. */
export const signalOf = (ctx: AbortableContext): AbortSignal => Abort.watched(ctx).signal

/** @throws the reason of the signal of `ctx` if it is aborted */
export function assertNotAborted(ctx: AbortableContext): void {
  const reason = isCutOff(ctx) ? disconnectedReason(ctx) : bodyAbort(ctx).reason
  if (reason !== undefined) throw reason
}

/**
 * Calls the reader with the reason when the signal of `ctx` is aborted, without making the signal: the end of an HTTP/1
 * connection may only be known as the error of the body.
 */
export function whenAborted(ctx: AbortableContext, reader: BodyReader): void {
  bodyAbort(ctx).add(reader)
}

/** Ends that. */
export function notWhenAborted(ctx: AbortableContext, reader: BodyReader): void {
  Abort.of(ctx).remove(reader)
}

const bodyAbort = (ctx: AbortableContext): Abort => (isHttp2(ctx.req) ? Abort.watched(ctx) : Abort.of(ctx))

/** Whether the client has closed the connection, or reset the HTTP/2 stream, in the middle of the body. */
export const isCutOff = ({ req }: Koa.Context): boolean => (req as { readonly aborted?: boolean }).aborted === true

/** Aborts the signal of `ctx`, unless it is already aborted. */
export const abortSignal = (ctx: AbortableContext, reason: Error): void => Abort.of(ctx).abort(reason)

/** The signal's reason, for code that learns first that the client has disconnected: it is aborted then. */
export function disconnectedReason(ctx: AbortableContext): Error {
  const abort = Abort.of(ctx)
  abort.abort(clientDisconnected())
  return abort.reason as Error
}

/** `undefined` as long as the signal is not aborted. */
const abortReasonOf = (ctx: AbortableContext): Error | undefined => ctx[ABORT]?.reason

/** The same, for code that may learn before the signal that the response is out. */
export const abortReasonNow = (ctx: AbortableContext): Error | undefined => Abort.watched(ctx).reason

/**
 * The signal's reason, if an error only passes it on: it is the reason itself, or an `AbortError` with that cause, as Node's
 * timers, `once` and `pipeline` throw it. `undefined` for the errors of other signals.
 */
export function abortBehind(ctx: AbortableContext, error: unknown): Error | undefined {
  const reason = abortReasonOf(ctx)
  return reason !== undefined && passesOn(error, reason) ? reason : undefined
}

function passesOn(error: unknown, reason: Error): boolean {
  if (error === reason) return true
  try {
    const { name, cause } = error as Error
    return name === 'AbortError' && cause !== undefined && passesOn(cause, reason)
  } catch {
    return false // Its properties can't be read, or its causes are a circle.
  }
}

/** Whether what aborted a signal is that its client has disconnected. */
export const isDisconnect = (reason: Error | undefined): boolean =>
  reason !== undefined && clientDisconnects.has(reason)

/**
 * Whether an error only means that the client has disconnected: the signal's reason, or the error of reading its body, or of
 * writing to its HTTP/2 stream.
 */
export const isClientDisconnect = (ctx: AbortableContext, error: Error): boolean =>
  isDisconnect(abortBehind(ctx, error)) ||
  (ctx.req.errored === error && !ctx.req.complete && isConnectionGone(ctx)) ||
  ResponseEnd.isOfClosedStream(ctx.res, error) ||
  isCutByHand(ctx, error)

/** Whether a method that writes the response itself, with `pipeline`, was cut off by its client. */
const isCutByHand = (ctx: Koa.Context, error: Error): boolean =>
  ctx.respond === false &&
  (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE' &&
  ctx.res.destroyed &&
  isConnectionGone(ctx)

/** Not if a `pipeline` of the application's has failed, which destroys the request with the error of another stream. */
function isConnectionGone(ctx: Koa.Context): boolean {
  const socket = socketOf(ctx)
  return socket === undefined || socket.destroyed || socket.readableEnded
}

/** Whether the signal was aborted. The response's stream may then fail with an error that needs no report. */
export const isAbortedOnPurpose = (ctx: AbortableContext): boolean => abortReasonOf(ctx) !== undefined

/** Calls `done` after the last byte of the response or its abort: now, if that has already happened. */
export function whenResponseIsOut(ctx: Koa.Context, done: () => void): void {
  ResponseEnd.of(ctx).whenOut(done)
}

/** Whether a closed response was aborted before its end. */
export function isAborted(ctx: Koa.Context): boolean {
  const { res } = ctx
  const end = ResponseEnd.existing(res)
  // A client may close the connection with the last byte, before the stream that was sent has ended.
  if (end?.isWhole === true) return false
  const stream = http2StreamOf(res)
  if (stream !== undefined) return !isStreamSent(stream)
  if (end?.hasNoServer === true || socketOf(ctx) === undefined) return !res.writableEnded
  // Node also sets `writableFinished` on a response that was written to a closed connection. But only a sent response
  // releases its socket, and a queued (pipelined) response that was destroyed never becomes `closed`.
  return end?.isUnsent === true || !(res.writableFinished && res.socket === null && res.destroyed === res.closed)
}

/** The error for a client that disconnected before the end of the response: the signal's reason, also passed to teardown. */
export function clientDisconnected(): Error {
  const error = new Error('The client disconnected before the end of the response')
  error.name = 'AbortError'
  clientDisconnects.add(error)
  return Object.assign(error, { code: 'ABORT_ERR' })
}
