import type { Context } from '../types'
import { closeBody } from './body'
import { isBodyField, withoutBodyFields } from './body-fields'
import { removeBody, resetStatus } from './koa-state'
import { headersOf, type HeaderEntries, type ResponseSnapshot } from './snapshot'

/** Whether there is an answer: a body, or another status than the 404 that Koa begins with. */
export const isAnswer = ({ status, body }: Pick<ResponseSnapshot, 'status' | 'body'>): boolean =>
  status !== 404 || body !== undefined

/** The same response without its answer: what other code may have written besides. */
export function withoutAnswer(snapshot: ResponseSnapshot): ResponseSnapshot {
  const headers = headersOf(snapshot)
  return responseWith(snapshot.body === undefined ? headers : withoutBodyFields(headers))
}

/** A response without an answer, with these header fields. */
export const responseWith = (headers: HeaderEntries): ResponseSnapshot => ({
  status: 404,
  headers,
  length: headers.length,
  body: undefined,
})

/** Makes the response Koa's "no answer yet" again, which is how the next code expects to find it. */
export function removeAnswer(ctx: Context): void {
  if (ctx.body !== undefined) {
    closeBody(ctx.body)
    ctx.body = '' // Koa closes streams that are not Node's
    removeBody(ctx)
    for (const name of ctx.res.getHeaderNames()) if (isBodyField(name.toLowerCase())) ctx.remove(name)
  }
  // A 404 that stays would be the status of the view's response.
  if (!resetStatus(ctx)) ctx.status = 200
}
