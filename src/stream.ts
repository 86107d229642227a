import { finished, Readable } from 'node:stream'
import { guardStream } from './body'
import { current, runIn } from './context'
import { toError } from './errors'
import { socketOf } from './engine/socket'
import { clientLeft, isAborted, signalOf, whenResponseIsOut } from './signal'
import type { Context } from './types'

/** How long teardown waits for a source that has not answered when the client goes away, in milliseconds. */
const GRACE = 1000

type Chunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/**
 * A stream that keeps its request alive: `g`, `session` and `request` work inside of it, and teardown runs once, after
 * its last chunk, its error or the client's disconnect (then with an `AbortError`). Without this a stream runs after
 * teardown, outside of the request (docs/rules.md section 12).
 *
 * @param source an iterable of strings or bytes, a stream, or a (generator) function that gives one
 * @returns what the view returns
 */
export function streamWithContext(source: Chunks | (() => Chunks)): Readable {
  const request = current('streamWithContext()')
  const chunks = typeof source === 'function' ? source() : source
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  if (chunks instanceof Readable) guardStream(chunks)
  const inContext = {
    [Symbol.asyncIterator]: () => inContext,
    next: async () => {
      try {
        return await runIn(request, () => iterator.next())
      } catch (thrown) {
        // Streams take `undefined` for no error, and would make an error of their own of what is none.
        throw toError(thrown)
      }
    },
    return: async () => {
      // A stream's iterator that was never asked leaves the stream open, and one that waits for it would wait on.
      if (chunks instanceof Readable) await destroyed(chunks)
      await runIn(request, () => iterator.return?.())
      return { done: true as const, value: undefined }
    },
  }
  const stream: Readable = Readable.from(inContext, { objectMode: false })
  request.holdStream(stream)
  return stream
}

/** A stream's last chunk may be under way when it is destroyed: it has ended when it is closed, but it is not waited for long. */
function destroyed(stream: Readable): Promise<void> {
  return new Promise(resolve => {
    if (stream.closed) return resolve()
    stream.once('close', resolve).destroy()
    setTimeout(resolve, GRACE).unref()
  })
}

/**
 * Calls `done` when all of `streams` have closed, with the error that ended one before its last chunk: its own, or an
 * `AbortError` when the client went away. Streams that the response leaves unread are closed with it; one that does
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
      if (error && !left) reason ??= isCutOff(ctx, error) ? clientLeft() : error
      if (--open === 0) finish()
    })
  }
  const close = (why?: Error) => {
    left = true
    if (open > 0) reason ??= why
    for (const stream of streams) stream.destroy()
    // It may wait for a chunk, or for what comes after its last.
    if (open > 0) setTimeout(finish, GRACE).unref()
  }
  const signal = signalOf(ctx)
  signal.addEventListener('abort', () => {
    close(signal.reason as Error)
  })
  whenResponseIsOut(ctx, () => {
    close(isAborted(ctx) ? clientLeft() : undefined)
  })
}

/** Whether a stream was closed because its connection has ended, which may be known before the response is closed. */
const isCutOff = (ctx: Context, { code }: NodeJS.ErrnoException): boolean =>
  code === 'ERR_STREAM_PREMATURE_CLOSE' && socketOf(ctx)?.destroyed === true
