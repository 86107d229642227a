import type { Socket } from 'node:net'
import { socketOf } from './socket'
import { isAborted } from './abort-signal'
import type { Context } from '../types'

/** Where a response begins: its time, and its place in the stream of bytes of its connection. */
export class ResponseMeter {
  private readonly started = performance.now()
  private readonly offset: number
  private counted: number | undefined
  private readonly written: () => number

  constructor(private readonly ctx: Context) {
    const { res } = ctx
    const socket = socketOf(ctx)
    this.offset = res.socket?.bytesWritten ?? 0
    if (socket === undefined) this.written = countBody(ctx)
    else {
      this.written = () => this.count(socket)
      // Before Node's own listener, which lets the next response out that was pipelined behind this one.
      res.prependListener('finish', () => this.bytesSent())
    }
  }

  /** Once the response is out. */
  result(): { readonly bytesSent: number; readonly durationMs: number } {
    return { bytesSent: this.bytesSent(), durationMs: performance.now() - this.started }
  }

  /** All that was written to the socket since, less what belongs to responses that were pipelined before this one. */
  bytesSent(): number {
    return (this.counted ??= this.written())
  }

  private count(socket: Socket): number {
    // It has waited for its turn for ever: what the connection has sent meanwhile was not for it.
    if (this.ctx.res.socket === null && isAborted(this.ctx)) return 0
    const { res } = this.ctx
    const last = ends.get(socket)
    // Two lifecycles may be told of one response.
    if (last?.res === res) return last.bytes
    const bytes = socket.bytesWritten - Math.max(this.offset, last?.at ?? 0)
    ends.set(socket, { res, bytes, at: socket.bytesWritten })
    return bytes
  }
}

/** The last response that ended on a connection, its bytes, and how many the connection had sent by then. */
const ends = new WeakMap<object, { readonly res: object; readonly bytes: number; readonly at: number }>()

/** Counts what is written to a response that shares its connection with others, or has none. */
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
    // Some write it by the method above.
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
