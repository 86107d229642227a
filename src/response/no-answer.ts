import type { Context } from '../types'
import { closeBody } from './body'
import { removeBody, resetStatus } from './koa-state'
import type { ResponseSnapshot } from './snapshot'

/** The fields that describe a body, and mean nothing without it. */
const BODY_FIELDS = [
  ...['content-type', 'content-length', 'content-encoding', 'content-language', 'content-location', 'content-range'],
  ...['content-disposition', 'content-md5', 'digest', 'content-digest', 'repr-digest', 'etag', 'last-modified'],
  ...['accept-ranges', 'transfer-encoding', 'trailer'],
]

/** Whether there is an answer: a body, or another status than the 404 that Koa begins with. */
export const isAnswer = ({ status, body }: Pick<ResponseSnapshot, 'status' | 'body'>): boolean =>
  status !== 404 || body !== undefined

/** The same response without its answer: what other code may have written besides. */
export function withoutAnswer(snapshot: ResponseSnapshot): ResponseSnapshot {
  if (!isAnswer(snapshot)) return snapshot
  const headers = snapshot.body === undefined ? snapshot.headers : withoutBodyFields(snapshot.headers)
  return { status: 404, body: undefined, headers }
}

/** Takes the names of the body's fields and their values out of a list of names and values in turn. */
const withoutBodyFields = (headers: ResponseSnapshot['headers']): ResponseSnapshot['headers'] =>
  headers.filter((_, index) => !BODY_FIELDS.includes(String(headers[index - (index % 2)]).toLowerCase()))

/** Makes the response Koa's "no answer yet" again, which is how the next code expects to find it. */
export function removeAnswer(ctx: Context): void {
  if (ctx.body !== undefined) {
    closeBody(ctx.body)
    ctx.body = '' // Koa closes streams that are not Node's
    removeBody(ctx)
    for (const name of ctx.res.getHeaderNames()) if (BODY_FIELDS.includes(name.toLowerCase())) ctx.remove(name)
  }
  // A 404 that stays would be the status of the view's response.
  if (!resetStatus(ctx)) ctx.status = 200
}
