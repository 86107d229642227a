import type { Socket } from 'node:net'
import type { Context } from '../types'
import { isAborted } from './abort-signal'
import { Connection } from './connection'
import { ResponseEnd } from './response-end'
import { socketOf } from './socket'

/** Measures one response: its time, and its bytes among those of its connection. */
export class ResponseMeter {
  readonly #ctx: Context
  readonly #started = performance.now()
  /** How many bytes the connection had sent before. */
  readonly #offset: number
  readonly #count: () => number
  #bytes: number | undefined

  constructor(ctx: Context) {
    const { res } = ctx
    const socket = socketOf(ctx)
    this.#ctx = ctx
    this.#offset = res.socket?.bytesWritten ?? 0
    this.#count = socket === undefined ? countBody(ctx) : () => this.#bytesOf(socket)
    // Before Node lets the next response out that was pipelined behind this one.
    if (socket !== undefined) ResponseEnd.of(ctx).whenFinished(() => this.#bytesSent())
  }

  /** Once the response is out. */
  result(): { readonly bytesSent: number; readonly durationMs: number } {
    return { bytesSent: this.#bytesSent(), durationMs: performance.now() - this.#started }
  }

  #bytesSent(): number {
    return (this.#bytes ??= this.#count())
  }

  /** All that was written to the socket since, less what belongs to responses that were pipelined before this one. */
  #bytesOf(socket: Socket): number {
    const { res } = this.#ctx
    // It never got its turn: what the connection has sent meanwhile was not for it.
    if (res.socket === null && isAborted(this.#ctx)) return 0
    const connection = Connection.of(socket)
    const last = connection.lastSent
    // Two lifecycles may measure one response.
    if (last?.res === res) return last.bytes
    const total = socket.bytesWritten
    const bytes = total - Math.max(this.#offset, last?.total ?? 0)
    connection.lastSent = { res, bytes, total }
    return bytes
  }
}

/**
 * Counts what is written to a response that shares its connection with others, or has none. Its class is Node's or another
 * library's, which have no hook for that: its methods are replaced.
 */
function countBody({ res, method }: Context): () => number {
  let bytes = 0
  const write = res.write.bind(res) as (...args: unknown[]) => boolean
  const end = res.end.bind(res) as (...args: unknown[]) => typeof res
  res.write = (...args: unknown[]) => {
    bytes += lengthOf(args)
    return write(...args)
  }
  res.end = (...args: unknown[]) => {
    const before = bytes
    const result = end(...args)
    // Some classes call `write` for it.
    if (bytes === before) bytes += lengthOf(args)
    return result
  }
  return () => (method === 'HEAD' ? 0 : bytes)
}

/** Of a chunk, in bytes. */
function lengthOf([chunk, encoding]: readonly unknown[]): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}
