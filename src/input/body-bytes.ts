import type { Context } from '../types'
import { hasBody } from './body-stream'
import { receiveBytes } from './receive-body'

/**
 * The whole body, decoded from its `Content-Encoding`.
 *
 * @param limit of the decoded bytes
 * @throws HttpError 400, 413 and 415; the reason of `ctx.signal` when the request is aborted
 */
export function readBytes(ctx: Context, limit: number): Promise<Buffer> {
  if (!hasBody(ctx)) return Promise.resolve(Buffer.alloc(0))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const data = (chunk: Buffer) => void chunks.push(chunk)
    const end = () => {
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks))
    }
    receiveBytes(ctx, limit, { whole: 'body', data, end, fail: reject })
  })
}
