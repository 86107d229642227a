import type { Readable } from 'node:stream'
import { assertNotAborted, disconnectedReason, isCutOff, notWhenAborted, whenAborted } from '../connection/abort-signal'
import { followBody, takeBody, type BodyTaker } from '../connection/take-body'
import type { Context } from '../types'
import { bodyStream, discardRest } from './body-stream'
import { refusal, tooLarge, type Whole } from './refuse'

/** Takes a body as it comes: chunks, then either its end or an error, once. */
export interface BodyReceiver {
  /** What the limit is of, for errors. */
  readonly whole: Whole
  data(chunk: Buffer): void
  end(): void
  /** @param error an HttpError 400 or 413, or the reason of `ctx.signal` when the request is aborted */
  fail(error: Error): void
}

/** A body that is being received. */
export interface Receiving {
  readonly stream: Readable
  /** Leaves the rest of the body to the connection, which discards it. */
  stop(): void
}

/**
 * Receives a body, decoded from its `Content-Encoding`.
 *
 * @param limit of the decoded bytes
 * @param kept the bytes, if they have been read before
 * @throws HttpError 413 and 415 for a body of which nothing is read
 */
export function receiveBody(ctx: Context, limit: number, receiver: BodyReceiver, kept?: Readable): Receiving {
  const reception = receptionOf(ctx, limit, receiver, kept)
  followBody(reception.stream, reception)
  return reception
}

/** The same for a receiver that only keeps the bytes: it is called outside of the request's async context. */
export function receiveBytes(ctx: Context, limit: number, receiver: BodyReceiver): void {
  const reception = receptionOf(ctx, limit, receiver)
  takeBody(reception.stream, reception)
}

function receptionOf(ctx: Context, limit: number, receiver: BodyReceiver, kept?: Readable): Reception {
  assertNotAborted(ctx)
  return new Reception(ctx, kept ?? bodyStream(ctx, receiver.whole, limit), limit, receiver)
}

/** (`private`, not `#`: `#` fields cost each request with a body a little.) */
class Reception implements Receiving, BodyTaker {
  private size = 0
  private isOver = false

  constructor(
    private readonly ctx: Context,
    readonly stream: Readable,
    private readonly limit: number,
    private readonly receiver: BodyReceiver,
  ) {
    whenAborted(ctx, this)
  }

  data(chunk: Buffer): void {
    if (this.isOver) return
    this.size += chunk.length
    if (this.size <= this.limit) this.receiver.data(chunk)
    else this.fail(tooLarge(this.receiver.whole, this.limit))
  }

  end(): void {
    // An HTTP/2 stream that its client resets ends like a whole one.
    if (this.isOver || isCutOff(this.ctx)) return this.error()
    this.leave()
    // Behind the end of what is encoded there may be more.
    if (this.stream !== this.ctx.req) discardRest(this.ctx)
    this.receiver.end()
  }

  error(): void {
    const { ctx } = this
    if (this.isOver) return
    // The errors of `req` are those of its connection; a decoder's own error is the client's mistake.
    const isGone = ctx.req.errored !== null || isCutOff(ctx)
    this.fail(isGone ? disconnectedReason(ctx) : refusal(400, 'the body is not encoded as its Content-Encoding says'))
  }

  aborted(reason: Error): void {
    this.fail(reason)
  }

  stop(): void {
    this.leave()
    discardRest(this.ctx)
    if (this.stream !== this.ctx.req) this.stream.destroy()
  }

  private fail(error: Error): void {
    if (this.isOver) return
    this.stop()
    this.receiver.fail(error)
  }

  private leave(): void {
    this.isOver = true
    notWhenAborted(this.ctx, this)
  }
}
