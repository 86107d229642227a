import type { HttpError } from '../errors/http-error'
import type { Context } from '../types'
import { hasField } from './body-fields'
import { defaultAnswer, forbidSniffing, type DefaultAnswer } from './error-page'
import { keepStatus, removeBody, resetStatus } from './koa-state'
import type { HeaderEntries } from './snapshot'

/**
 * Takes the default page of an error out of the response, so that the middleware outside sees Koa's "no answer yet" after
 * `await next()`. It is put back where the response is sent, if no middleware has answered by then.
 *
 * @param headers the request's own fields
 * @returns false if the response is not the page as it was made
 */
export function deferPage(ctx: Context, error: HttpError, headers: HeaderEntries): boolean {
  const { status } = error
  const page = defaultAnswer(ctx, error)
  if (!isPage(ctx, status, page)) return false
  removeBody(ctx)
  ctx.remove('Content-Type')
  ctx.remove('Content-Length')
  if (!hasField(headers, 'x-content-type-options')) ctx.remove('X-Content-Type-Options')
  if (status === 404) resetStatus(ctx)
  beforeSending(ctx, () => {
    if (ctx.body === undefined && ctx.status === status) putPage(ctx, page)
  })
  return true
}

function isPage(ctx: Context, status: number, { type, body }: DefaultAnswer): boolean {
  const isMade = ctx.body === body && ctx.status === status && ctx.res.getHeader('Content-Type') === type
  return isMade && !ctx.headerSent && ctx.respond !== false
}

function putPage(ctx: Context, { type, body }: DefaultAnswer): void {
  ctx.set('Content-Type', type)
  forbidSniffing(ctx)
  keepStatus(ctx)
  ctx.body = body
}

/**
 * Calls `prepare` right before the response is sent. Koa has no event for that, but it reads `ctx.writable` then, before it
 * reads the body: both to send a response and to send the page of an error that middleware has thrown.
 */
function beforeSending(ctx: Context, prepare: () => void): void {
  const get = () => {
    Reflect.deleteProperty(ctx, 'writable')
    const { writable } = ctx
    if (writable && !ctx.headerSent) prepare()
    return writable
  }
  Object.defineProperty(ctx, 'writable', { get, configurable: true })
}
