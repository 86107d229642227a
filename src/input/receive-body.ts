import type { Readable } from 'node:stream'
import { assertNotAborted, disconnectedReason, isCutOff, whenAborted } from '../connection/abort-signal'
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
  const { req } = ctx
  assertNotAborted(ctx)
  const stream = kept ?? bodyStream(ctx, receiver.whole, limit)
  let size = 0
  let isOver = false
  const data = (chunk: Buffer) => {
    if (isOver) return
    size += chunk.length
    if (size <= limit) receiver.data(chunk)
    else fail(tooLarge(receiver.whole, limit))
  }
  const end = () => {
    // An HTTP/2 stream that its client resets ends like a whole one.
    if (isOver || isCutOff(ctx)) return error()
    leave()
    // Behind the end of what is encoded there may be more.
    if (stream !== req) discardRest(ctx)
    receiver.end()
  }
  const error = () => {
    if (isOver) return
    // The errors of `req` are those of its connection; a decoder's own error is the client's mistake.
    const isGone = req.errored !== null || isCutOff(ctx)
    fail(isGone ? disconnectedReason(ctx) : refusal(400, 'the body is not encoded as its Content-Encoding says'))
  }
  const fail = (error: Error) => {
    if (isOver) return
    stop()
    receiver.fail(error)
  }
  const leave = () => {
    isOver = true
    forget()
  }
  const stop = () => {
    leave()
    discardRest(ctx)
    if (stream !== req) stream.destroy()
  }
  const forget = whenAborted(ctx, fail)
  // The listeners stay: to take them away costs more than to let them be called for the rest of a body.
  stream.on('data', data).on('end', end).on('error', error)
  return { stream, stop }
}
