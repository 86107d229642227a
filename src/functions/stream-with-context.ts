import { Readable } from 'node:stream'
import { guardStream } from '../response/body'
import { current } from '../request/current'
import { runIn } from '../request/storage'
import { describe, toError } from '../errors/describe'
import { inThisScope } from '../util/async-scope'
import { STREAM_CLOSE_TIMEOUT_MS } from '../request/held-streams'

type Chunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/**
 * Makes a stream that keeps its request's context: `g`, `session` and `request` work while it runs, and teardown runs
 * once, after its last chunk, its error or the client's disconnect (then with an `AbortError`). Without
 * `streamWithContext`, a stream runs after teardown, outside of the request.
 *
 * @param source an iterable of strings or bytes, a stream, or a (generator) function that returns one
 * @returns a stream for the view to return
 * @see docs/rules.md [12]
 */
export function streamWithContext(source: Chunks | (() => Chunks)): Readable {
  const request = current('streamWithContext()')
  const chunks = typeof source === 'function' ? source() : source
  checkChunks(chunks)
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  if (chunks instanceof Readable) guardStream(chunks)
  const next = inThisScope(() => runIn(request, () => iterator.next()))
  const close = inThisScope(() => runIn(request, () => iterator.return?.()))
  const inContext = {
    [Symbol.asyncIterator]: () => inContext,
    next: async () => {
      try {
        return await next()
      } catch (thrown) {
        // A stream treats a thrown `undefined` as no error, and replaces other thrown values that are not Errors.
        throw toError(thrown)
      }
    },
    return: async () => {
      // The iterator of a stream does not close the stream if `next` was never called, and would wait for ever if a
      // chunk is outstanding.
      if (chunks instanceof Readable) await destroyed(chunks)
      await close()
      return { done: true as const, value: undefined }
    },
  }
  const stream: Readable = Readable.from(inContext, { objectMode: false })
  guardStream(stream)
  request.holdStream(stream, chunks)
  return stream
}

function checkChunks(chunks: unknown): void {
  const source = Object(chunks) as Partial<AsyncIterable<unknown> & Iterable<unknown>>
  if ([source[Symbol.asyncIterator], source[Symbol.iterator]].some(each => typeof each === 'function')) return
  throw new TypeError(
    'streamWithContext(source): the source must be an iterable, a stream, or a function that returns one (function*, ' +
      `async function*), not ${describe(chunks)}`,
  )
}

/**
 * Destroys a stream and waits until it is closed, since its last chunk may still be in progress; at most for the grace
 * period.
 */
function destroyed(stream: Readable): Promise<void> {
  return new Promise(resolve => {
    if (stream.closed) return resolve()
    stream.once('close', resolve).destroy()
    setTimeout(resolve, STREAM_CLOSE_TIMEOUT_MS).unref()
  })
}
