import type { Beginning } from './beginning'
import { http2StreamOf } from './engine/http2'
import { isAborted } from './signal'
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
  const cause = interruption ?? res.errored ?? (aborted ? http2StreamOf(res)?.errored : undefined) ?? undefined
  const { error, handled } = failed ?? { error: cause, handled: cause === undefined }
  const { durationMs } = beginning
  const bytesSent = beginning.bytesSent()
  return Object.freeze({ status: res.statusCode, error, handled, aborted, bytesSent, durationMs, route })
}
