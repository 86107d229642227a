import type { ServerResponse } from 'node:http'
import { http2StreamOf } from './http2'

/** From this length on, a connection may take a chunk in parts: Node's buffer of a socket. Not read from Node: each request asks. */
const LONG = 16_384

/** Whether it may take a while until the connection has taken a body. */
export const isLong = (body: unknown): boolean =>
  (typeof body === 'string' || body instanceof Uint8Array) && body.length > LONG

type Confirmed = (error?: Error | null) => void

/** The part of a response's body that its connection has taken without an error. */
export class ConfirmedBody {
  readonly #res: ServerResponse
  readonly #isForHead: boolean
  #bytes = 0

  /** @param method the request's: a response by another class than Node's may not know its request */
  constructor(res: ServerResponse, method: string | undefined) {
    this.#res = res
    this.#isForHead = method === 'HEAD'
  }

  /** The arguments of `write`, with a callback that counts the chunk. */
  counting([chunk, encoding, callback]: readonly unknown[]): [unknown, unknown, Confirmed] {
    const [charset, done] = typeof encoding === 'function' ? [undefined, encoding] : [encoding, callback]
    const length = byteLengthOf([chunk, charset])
    const confirmed: Confirmed = error => {
      // Node reports no error for a chunk that was not sent when its socket or stream was destroyed.
      if (!error && this.#isConnected) this.#bytes += length
      if (typeof done === 'function') (done as Confirmed)(error)
    }
    return [chunk, charset, confirmed]
  }

  get #isConnected(): boolean {
    return (http2StreamOf(this.#res) ?? this.#res.socket)?.destroyed !== true
  }

  /** Whether these are all the bytes that the response's `Content-Length` has promised. */
  get isWhole(): boolean {
    return this.#bytes > 0 && !this.#isForHead && this.#bytes >= this.#promised
  }

  /** `NaN` without `Content-Length`. */
  get #promised(): number {
    const stream = http2StreamOf(this.#res)
    return Number(stream === undefined ? this.#res.getHeader('Content-Length') : stream.sentHeaders['content-length'])
  }
}

/** The length of a chunk in bytes. */
export function byteLengthOf([chunk, encoding]: readonly unknown[]): number {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}
