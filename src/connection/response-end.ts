import type { ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type Koa from 'koa'
import { ConfirmedBody } from './confirmed-body'
import { Connection, type OpenResponse } from './connection'
import { http2StreamOf } from './http2'
import { isStreamSent, isWriteError, watchStream } from './http2-end'
import { followHead, followResponse, RESPONSE_END, type Follower } from './follow-response'
import { socketOf } from './socket'

type ResponseWithEnd = ServerResponse & { [RESPONSE_END]?: ResponseEnd | null }

/** The callbacks for each step of a response. */
interface Callbacks {
  readonly head: (() => void)[]
  readonly finish: (() => void)[]
  out: (() => void)[]
}

/**
 * The end of one response: the callbacks that wait for it, and whether the response could still be sent.
 * (`private`, not `#`: `#` fields cost 0.6 % of a request in the objects that each request makes.)
 */
export class ResponseEnd implements OpenResponse, Follower {
  readonly res: ServerResponse
  /** Whether the connection was closed before the response was sent. Node emits 'finish' in that case, too. */
  isUnsent = false
  // Not initialized: most responses need none of these.
  /** Whether 'finish' is the response's last event. */
  declare hasNoServer?: boolean
  /** Whether an HTTP/2 stream was closed before an error of the response. */
  declare isStreamClosed?: boolean
  declare private isWatched?: boolean
  declare private reportsErrors?: boolean
  declare private isOver?: boolean
  declare private body?: ConfirmedBody
  private readonly ctx: Koa.Context
  private readonly isEngineResponse: boolean
  private readonly socket: Socket | undefined
  /**
   * Made for the first callback. Not a 'close' listener for each: Node itself adds seven when it pipes a stream, and warns
   * above ten.
   */
  private callbacks: Callbacks | undefined
  private connection: Connection | undefined
  private closesWithSocket = false

  /** @param isEngineResponse whether the response is of flaskoa's class, which calls the record */
  private constructor(ctx: Koa.Context, isEngineResponse: boolean) {
    this.res = ctx.res
    this.isEngineResponse = isEngineResponse
    this.ctx = ctx
    this.socket = socketOf(ctx)
    if (!isEngineResponse) followResponse(this.res, this)
  }

  /** The record of the response of `ctx`. */
  static of(ctx: Koa.Context): ResponseEnd {
    const res = ctx.res as ResponseWithEnd
    const existing = res[RESPONSE_END]
    if (existing !== undefined && existing !== null) return existing
    return (res[RESPONSE_END] = new ResponseEnd(ctx, existing === null))
  }

  /** The record of a response, if it has one. */
  static existing(res: ServerResponse): ResponseEnd | undefined {
    return (res as ResponseWithEnd)[RESPONSE_END] ?? undefined
  }

  /** Whether an error only follows from the end of an HTTP/2 stream: its client may have left while the response was written. */
  static isOfClosedStream(res: ServerResponse, error: unknown): boolean {
    if (ResponseEnd.existing(res)?.isStreamClosed !== true) return false
    return isWriteError(error) || http2StreamOf(res)?.errored === error
  }

  /** Whether the connection has taken all of the promised body, whatever happens afterwards. */
  get isWhole(): boolean {
    return this.body?.isWhole === true
  }

  /**
   * Learns from now on of each step of an HTTP/2 stream. Call this before code waits: a stream may be reset meanwhile. A short
   * response that is sent at once needs no listeners (12 %).
   */
  watch(): void {
    if (this.isWatched === true || this.socket !== undefined) return
    this.isWatched = true
    const stream = http2StreamOf(this.res)
    if (stream !== undefined) watchStream(stream, this)
  }

  /** Watches an HTTP/2 stream and reports its errors to the context, as Koa does. */
  reportStreamErrors(stream: ServerHttp2Stream): void {
    if (this.reportsErrors === true) return
    this.reportsErrors = true
    this.watch()
    stream.once('error', error => {
      this.ctx.onerror(error)
    })
  }

  /** The arguments of `write`, so that the chunk is counted once the connection has taken it. */
  countingWrite(args: readonly unknown[]): unknown[] {
    return (this.body ??= new ConfirmedBody(this.res, this.ctx.req.method)).counting(args)
  }

  /** Calls `done` after the last byte of the response or its abort: now, if that has already happened. */
  whenOut(done: () => void): void {
    if (this.isOut) {
      if (this.callbacks !== undefined) this.callOut(this.callbacks) // earlier callbacks come first
      return done()
    }
    this.listOf('out').push(done)
    this.closeWithSocket()
    this.watch()
  }

  /** Calls `done` when the head has been written, before its first byte is sent. */
  whenHeadIsWritten(done: () => void): void {
    const callbacks = this.listOf('head')
    if (callbacks.length === 0 && !this.isEngineResponse) followHead(this.res, this)
    callbacks.push(done)
  }

  /** Calls `done` when the whole response has been passed to the socket. */
  whenFinished(done: () => void): void {
    this.listOf('finish').push(done)
  }

  /**
   * Emits 'close' on a queued (pipelined) or detached response when its connection closes. Node does so only for the response
   * that owns the socket. Without the event no code learns that the response is not sent, and its body stays open.
   */
  closeWithSocket(): void {
    const socket = this.socket
    if (socket === undefined) return
    this.closesWithSocket = true
    this.connect(socket).watchClose()
  }

  /** Reports socket errors to the context, as Koa does with a listener for each response. Returns `false` without a socket. */
  reportsSocketErrors(): boolean {
    return this.socket !== undefined && this.connect(this.socket).watchErrors()
  }

  private connect(socket: Socket): Connection {
    if (this.connection !== undefined) return this.connection
    const connection = (this.connection = Connection.of(socket))
    connection.add(this)
    return connection
  }

  socketFailed(error: Error): void {
    this.ctx.onerror(error)
  }

  socketClosed(): void {
    const { res } = this
    if (!this.closesWithSocket || res.closed || res.socket !== null) return
    res.destroyed = true
    res.emit('close')
  }

  headWritten(): void {
    if (this.callbacks !== undefined) for (const done of this.callbacks.head) done()
  }

  finishedAlone(): void {
    this.hasNoServer = true
    this.closed()
  }

  finished(): void {
    if (this.callbacks === undefined) return
    if ((this.socket?.errored ?? null) !== null) this.isUnsent = true
    for (const done of this.callbacks.finish) done()
  }

  streamClosed(): void {
    this.isStreamClosed = true
  }

  closed(): void {
    // For classes that do not say so themselves.
    if (!this.isEngineResponse) this.isOver = true
    this.connection?.remove(this)
    if (this.callbacks !== undefined) this.callOut(this.callbacks)
  }

  private callOut(callbacks: Callbacks): void {
    const { out } = callbacks
    callbacks.out = []
    for (const done of out) done()
  }

  private listOf(step: keyof Callbacks): (() => void)[] {
    this.callbacks ??= { head: [], finish: [], out: [] }
    return this.callbacks[step]
  }

  /** Whether nothing more of the response can be sent. */
  get isOut(): boolean {
    return this.isClosed || this.socket?.closed === true
  }

  /** An HTTP/2 response has no `closed` of its own, and the application may still send the rest of a stream that is closed. */
  private get isClosed(): boolean {
    const { res } = this
    const stream = http2StreamOf(res)
    if (stream !== undefined) return stream.destroyed || isStreamSent(stream)
    return this.isOver === true || res.closed || (this.socket === undefined && res.writableFinished)
  }
}
