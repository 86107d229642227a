import { Readable } from 'node:stream'
import { guardStream } from '../response/body'
import { current } from '../request/current'
import { runIn } from '../request/storage'
import { toError } from '../errors/describe'
import { STREAM_CLOSE_TIMEOUT_MS } from '../request/held-streams'

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
    setTimeout(resolve, STREAM_CLOSE_TIMEOUT_MS).unref()
  })
}
