import { toError } from '../errors/describe'
import type { Context } from '../types'
import { bodyStream, discardRest, hasBody } from './body-stream'
import { refuse, tooLarge } from './refuse'

/**
 * The whole body, decoded from its `Content-Encoding`.
 *
 * @param limit of the decoded bytes
 * @throws HttpError 400, 413 and 415; the reason of `ctx.signal` when the request is aborted
 */
export function readBytes(ctx: Context, limit: number): Promise<Buffer> {
  if (!hasBody(ctx)) return Promise.resolve(Buffer.alloc(0))
  const { req, signal } = ctx
  const stream = bodyStream(ctx, limit)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else failWith(() => tooLarge(limit))
    }
    const end = () => {
      stop()
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size))
    }
    const fail = (error: Error) => {
      // The connection's errors are those of `req`; a decoder's own error is the client's mistake.
      failWith(() => {
        if (stream === req || req.errored === error) throw error
        refuse(400, 'the body is not encoded as its Content-Encoding says')
      })
    }
    const abort = () => {
      failWith(() => {
        throw signal.reason
      })
    }
    const failWith = (raise: () => never) => {
      stop()
      discardRest(ctx)
      if (stream !== req) stream.destroy()
      try {
        raise()
      } catch (error) {
        reject(toError(error))
      }
    }
    const stop = () => {
      stream.off('data', take).off('end', end).off('error', fail)
      signal.removeEventListener('abort', abort)
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort)
    stream.on('data', take).on('end', end).on('error', fail)
  })
}
