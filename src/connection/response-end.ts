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
  /** In a list: Node takes more than ten listeners for a leak, and has seven of its own when a stream is sent. */
  private onOut: (() => void)[] | undefined
  private onHead: (() => void)[] | undefined
  private onFinish: (() => void)[] | undefined
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
      this.callOnOut() // what waits already comes first
      return done()
    }
    this.onOut = [...(this.onOut ?? []), done]
    this.closeWithSocket()
  }

  /** Calls `done` when the head has been written, before its first byte is sent. */
  whenHeadIsWritten(done: () => void): void {
    if (this.onHead === undefined && !this.isOwn) this.replaceWriteHead()
    this.onHead = [...(this.onHead ?? []), done]
  }

  /** Calls `done` when all of the response has been handed to the socket. */
  whenFinished(done: () => void): void {
    this.onFinish = [...(this.onFinish ?? []), done]
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
    if (this.onHead !== undefined) for (const done of this.onHead) done()
  }

  finished(): void {
    if (this.onOut !== undefined && (this.socket?.errored ?? null) !== null) this.isUnsent = true
    if (this.onFinish !== undefined) for (const done of this.onFinish) done()
  }

  closed(): void {
    this.connection?.remove(this)
    if (this.onOut !== undefined) this.callOnOut()
  }

  private callOnOut(): void {
    const callbacks = this.onOut ?? []
    this.onOut = undefined
    for (const done of callbacks) done()
  }

  /** HTTP/2's responses have no `closed` of their own. */
  private isClosed(): boolean {
    return (http2StreamOf(this.res) ?? this.res).closed
  }
}
