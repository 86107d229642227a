import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type Koa from 'koa'
import { Connection, type OpenResponse } from './connection'
import { http2StreamOf } from './http2'
import { socketOf } from './socket'

/**
 * Where a response has its record. flaskoa's own class of responses has the property from the start, and calls the record at
 * each step; on a response of another class it is set with the record, which listens to that response.
 */
export const END = Symbol('flaskoa:end')

type Ending = ServerResponse & { [END]?: ResponseEnd | undefined }

/** What is called at each step of a response. */
interface Callbacks {
  readonly head: (() => void)[]
  readonly finish: (() => void)[]
  out: (() => void)[]
}

/**
 * The end of one response: what waits for it, and whether it came too late.
 * (`private`, not `#`: in what each request makes, `#` costs 0.6 % of a request.)
 */
export class ResponseEnd implements OpenResponse {
  readonly res: ServerResponse
  /** The connection was gone when the response had been written. Node says that it was finished all the same. */
  isUnsent = false
  private readonly ctx: Koa.Context
  private readonly isOwn: boolean
  private readonly socket: Socket | undefined
  /** Made when something waits. Not listeners: Node takes more than ten for a leak, and has seven of its own when a stream is sent. */
  private callbacks: Callbacks | undefined
  private connection: Connection | undefined
  private closesWithSocket = false

  /** @param isOwn whether its response is of flaskoa's class, which calls the record */
  private constructor(ctx: Koa.Context, isOwn: boolean) {
    this.res = ctx.res
    this.isOwn = isOwn
    this.ctx = ctx
    this.socket = socketOf(ctx)
    if (!isOwn) this.listen()
  }

  /** The record of the response of `ctx`. */
  static of(ctx: Koa.Context): ResponseEnd {
    const res = ctx.res as Ending
    const known = res[END]
    if (known !== undefined) return known
    return (res[END] = new ResponseEnd(ctx, END in res))
  }

  static isUnsent(res: ServerResponse): boolean {
    return (res as Ending)[END]?.isUnsent === true
  }

  private listen(): void {
    const { res } = this
    // Before Node's own listener, which lets the next response out that was pipelined behind this one.
    res.prependListener('finish', () => this.finished())
    res.once('close', () => this.closed())
  }

  /** Node emits nothing then. */
  private replaceWriteHead(): void {
    const { res } = this
    const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => ServerResponse
    res.writeHead = (...args: unknown[]) => {
      writeHead(...args)
      this.headWritten()
      return res
    }
  }

  /** Calls `done` after the last byte of the response or the abort: now, if that is past. */
  whenOut(done: () => void): void {
    if (this.isClosed() || this.socket?.closed === true) {
      if (this.callbacks !== undefined) this.callOut(this.callbacks) // what waits already comes first
      return done()
    }
    this.listOf('out').push(done)
    this.closeWithSocket()
  }

  /** Calls `done` when the head has been written, before its first byte is sent. */
  whenHeadIsWritten(done: () => void): void {
    const callbacks = this.listOf('head')
    if (callbacks.length === 0 && !this.isOwn) this.replaceWriteHead()
    callbacks.push(done)
  }

  /** Calls `done` when all of the response has been handed to the socket. */
  whenFinished(done: () => void): void {
    this.listOf('finish').push(done)
  }

  /**
   * Has a response that waits for its turn, or whose socket was taken away, close with its connection, as Node has it with the
   * response whose turn it is. Without this nothing would ever show that it is not sent, and what it reads from would stay open.
   */
  closeWithSocket(): void {
    const socket = this.socket
    if (socket === undefined || this.closesWithSocket) return
    this.closesWithSocket = true
    if (socket.closed) return process.nextTick(() => this.socketClosed())
    this.connect(socket).watchClose()
  }

  /** Reports an error of the socket to the context, as Koa does by a listener for each response. `false` without a socket. */
  reportSocketErrors(): boolean {
    if (this.socket === undefined) return false
    this.connect(this.socket).watchErrors()
    return true
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

  finished(): void {
    if (this.callbacks === undefined) return
    if ((this.socket?.errored ?? null) !== null) this.isUnsent = true
    for (const done of this.callbacks.finish) done()
  }

  closed(): void {
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

  /** HTTP/2's responses have no `closed` of their own. */
  private isClosed(): boolean {
    return (http2StreamOf(this.res) ?? this.res).closed
  }
}
