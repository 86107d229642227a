import { finished, type Readable } from 'node:stream'
import { clientDisconnected, isAborted, signalOf, whenResponseIsOut } from '../connection/abort-signal'
import { socketOf } from '../connection/socket'
import type { Context } from '../types'

/** How long teardown waits for a stream to close after the response has ended or was aborted, in milliseconds. */
export const STREAM_CLOSE_TIMEOUT_MS = 1000

/**
 * Calls `done` when all of `streams` have closed, with the error that ended one before its last chunk: its own, or an
 * `AbortError` when the client disconnected. Streams that the response leaves unread are closed with it; one that does
 * not end then, because it waits for a chunk or in its `finally`, is waited for, but not long.
 */
export function whenClosed(
  streams: readonly Readable[],
  ctx: Context,
  done: (error: Error | undefined) => unknown,
): void {
  let open = streams.length
  let reason: Error | undefined
  let left = false
  let ended = false
  const finish = () => {
    if (!ended) done(reason)
    ended = true
  }
  for (const stream of streams) {
    finished(stream, error => {
      if (error && !left) reason ??= isCutOff(ctx, error) ? disconnection(ctx) : error
      if (--open === 0) finish()
    })
  }
  const close = (why?: Error) => {
    left = true
    if (open > 0) reason ??= why
    for (const stream of streams) stream.destroy()
    // It may wait for a chunk, or for what comes after its last.
    if (open > 0) setTimeout(finish, STREAM_CLOSE_TIMEOUT_MS).unref()
  }
  const signal = signalOf(ctx)
  signal.addEventListener('abort', () => {
    close(signal.reason as Error)
  })
  whenResponseIsOut(ctx, () => {
    close(disconnection(ctx))
  })
}

/** No error if the client has received the whole response. */
const disconnection = (ctx: Context): Error | undefined => (isAborted(ctx) ? clientDisconnected() : undefined)

/** Whether a stream was closed because its connection has ended, which may be known before the response is closed. */
const isCutOff = (ctx: Context, { code }: NodeJS.ErrnoException): boolean =>
  code === 'ERR_STREAM_PREMATURE_CLOSE' && socketOf(ctx)?.destroyed === true
