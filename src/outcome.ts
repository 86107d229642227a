import type { Readable } from 'node:stream'
import { isAborted, isOnSocket } from './signal'
import type { Context } from './types'

/** What became of a request, for `@AfterResponse`: what access logs and metrics are made of. */
export interface Outcome {
  /** The status that was sent, or would have been if the client had stayed. */
  readonly status: number
  /** What a method, the session or the response's stream has thrown, or an HTTP error such as the router's 404. */
  readonly error: Error | undefined
  /** Whether an error handler has answered `error`, or the page of an HTTP error. `true` without an error. */
  readonly handled: boolean
  /** Whether the connection ended before the last byte of the response. */
  readonly aborted: boolean
  /** What went over the connection for this response, head included, in bytes. With HTTP/2, and without a socket, the body's. */
  readonly bytesSent: number
  /** From the arrival of the request at the lifecycle to the last byte or the abort, or to teardown if that came later. */
  readonly durationMs: number
  /** The URL rule, for instance `/users/<int:id>`; `undefined` for a URL that no rule has. */
  readonly route: string | undefined
}

/** What went wrong, and whether somebody has answered it. */
export interface Failure {
  readonly error: Error
  readonly handled: boolean
}

/** @param interruption why something was no longer waited for */
export function outcomeOf(
  ctx: Context,
  beginning: Beginning,
  route: string | undefined,
  failed: Failure | undefined,
  interruption: Error | undefined,
): Outcome {
  const { res } = ctx
  const aborted = isAborted(ctx)
  const cause = interruption ?? res.errored ?? (aborted ? streamOf(res)?.errored : undefined) ?? undefined
  const { error, handled } = failed ?? { error: cause, handled: cause === undefined }
  const { durationMs } = beginning
  const bytesSent = beginning.bytesSent()
  return Object.freeze({ status: res.statusCode, error, handled, aborted, bytesSent, durationMs, route })
}

/** HTTP/2's. */
const streamOf = (res: object) => (res as { stream?: Readable }).stream

/** Where a response begins: its time, and its place in the stream of bytes of its connection. */
export class Beginning {
  private readonly started = performance.now()
  private readonly offset: number
  private counted: number | undefined

  constructor(private readonly ctx: Context) {
    const { req, res } = ctx
    this.offset = res.socket === null ? 0 : req.socket.bytesWritten
    // Before Node's own listener, which lets the next response out that was pipelined behind this one.
    res.prependListener('finish', () => this.bytesSent())
  }

  get durationMs(): number {
    return performance.now() - this.started
  }

  /** All that was written to the socket since, less what belongs to responses that were pipelined before this one. */
  bytesSent(): number {
    return (this.counted ??= isOnSocket(this.ctx) ? this.count() : bodyLength(this.ctx))
  }

  private count(): number {
    const { socket } = this.ctx.req
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

const bodyLength = ({ response, method }: Context): number =>
  method === 'HEAD' ? 0 : ((response as { length?: number }).length ?? 0)
