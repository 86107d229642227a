import type { Socket } from 'node:net'
import type { Context } from '../types'
import { isAborted } from './abort-signal'
import { byteLengthOf } from './confirmed-body'
import { Connection } from './connection'
import { http2StreamOf } from './http2'
import { ResponseEnd } from './response-end'
import { socketOf } from './socket'

/** Measures one response: its duration, and its share of the bytes of its connection. */
export class ResponseMeter {
  readonly #ctx: Context
  readonly #started = performance.now()
  /** How many bytes the connection had sent before this request. */
  readonly #offset: number
  readonly #count: () => number
  #bytes: number | undefined

  constructor(ctx: Context) {
    const { res } = ctx
    const socket = socketOf(ctx)
    this.#ctx = ctx
    this.#offset = res.socket?.bytesWritten ?? 0
    this.#count = socket === undefined ? meterBody(ctx) : () => this.#bytesOf(socket)
    // Before Node starts to send the next pipelined response.
    if (socket !== undefined) ResponseEnd.of(ctx).whenFinished(() => this.#bytesSent())
  }

  /** The measurement. Call this once the response is sent or aborted. */
  result(): { readonly bytesSent: number; readonly durationMs: number } {
    return { bytesSent: this.#bytesSent(), durationMs: performance.now() - this.#started }
  }

  #bytesSent(): number {
    return (this.#bytes ??= this.#count())
  }

  /** The bytes that the socket has sent since the request, without those of earlier pipelined responses. */
  #bytesOf(socket: Socket): number {
    const { res } = this.#ctx
    // This response never got the socket (it was still queued), so none of the connection's bytes belong to it.
    if (res.socket === null && isAborted(this.#ctx)) return 0
    const connection = Connection.of(socket)
    const last = connection.lastSent
    // Two lifecycles may measure the same response.
    if (last?.res === res) return last.bytes
    const total = socket.bytesWritten
    const bytes = total - Math.max(this.#offset, last?.total ?? 0)
    connection.lastSent = { res, bytes, total }
    return bytes
  }
}

/**
 * Counts the bytes of a response's body, for a response that shares its connection (HTTP/2) or has none (a test). Replaces
 * its `write` and `end`, because the classes of Node and of other libraries have no hook for that.
 */
function meterBody({ res, method }: Context): () => number {
  const stream = http2StreamOf(res)
  let bytes = 0
  const write = res.write.bind(res) as (...args: unknown[]) => boolean
  const end = res.end.bind(res) as (...args: unknown[]) => typeof res
  res.write = (...args: unknown[]) => {
    // Nothing goes over a stream that its client has reset.
    if (stream?.closed !== true) bytes += byteLengthOf(args)
    return write(...args)
  }
  res.end = (...args: unknown[]) => {
    const before = bytes
    const isOpen = stream?.closed !== true
    const result = end(...args)
    // In some classes `end` calls `write`, which has counted the chunk already.
    if (bytes === before && isOpen) bytes += byteLengthOf(args)
    return result
  }
  return () => (method === 'HEAD' ? 0 : bytes)
}
