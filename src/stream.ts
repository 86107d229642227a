import { finished, Readable } from 'node:stream'
import { current, storage } from './context'

type Chunks = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

/**
 * A stream that keeps its request alive: `g`, `session` and `request` work inside of it, and teardown runs once, after
 * its last chunk, its error or the client's disconnect (then with an `AbortError`). Without this a stream runs after
 * teardown, outside of the request (FLASK.md section 12).
 *
 * @param source an iterable of strings or bytes, a stream, or a (generator) function that gives one
 * @returns what the view returns
 */
export function streamWithContext(source: Chunks | (() => Chunks)): Readable {
  const request = current('streamWithContext()')
  const chunks = typeof source === 'function' ? source() : source
  const iterator = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  const inContext = {
    [Symbol.asyncIterator]: () => inContext,
    next: async () => storage.run(request, () => iterator.next()),
    return: async () =>
      (await storage.run(request, () => iterator.return?.())) ?? { done: true as const, value: undefined },
  }
  return (request.heldStream = Readable.from(inContext, { objectMode: false }))
}

/**
 * Calls `done` when `stream` has given its last chunk, with the error that ended it before: its own, or an `AbortError`
 * when whoever read it went away.
 */
export function whenClosed(stream: Readable, done: (error: Error | undefined) => unknown): void {
  finished(stream, error => {
    const aborted = error?.code === 'ERR_STREAM_PREMATURE_CLOSE' || error?.name === 'AbortError'
    done(aborted ? abortError(error) : (error ?? undefined))
  })
}

function abortError(cause: Error): Error {
  const error = new Error('The client went away before the end of the stream', { cause })
  error.name = 'AbortError'
  return Object.assign(error, { code: 'ABORT_ERR' })
}
