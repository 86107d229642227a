import type Koa from 'koa'
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
  watchWritable(ctx.app)
  ;(ctx as DeferringContext)[DEFERRED] = { status, page }
  return true
}

function isPage(ctx: Context, status: number, { type, body }: DefaultAnswer): boolean {
  const isMade = ctx.body === body && ctx.status === status && ctx.res.getHeader('Content-Type') === type
  return isMade && !ctx.headerSent && ctx.respond !== false
}

/** On a ctx: what is sent if no middleware answers. */
const DEFERRED = Symbol('flaskoa:deferred page')

type DeferringContext = Context & {
  [DEFERRED]?: { readonly status: number; readonly page: DefaultAnswer } | undefined
}

function putPage(ctx: Context, { type, body }: DefaultAnswer): void {
  ctx.set('Content-Type', type)
  forbidSniffing(ctx)
  keepStatus(ctx)
  ctx.body = body
}

/** The contexts of applications whose `writable` puts deferred pages. Weak: they belong to Koa. */
const watched = new WeakSet<object>()

/**
 * Has an application put a deferred page right before the response is sent. Koa has no event for that, but it reads
 * `ctx.writable` then, before it reads the body: both to send a response and to send the page of an error that middleware has
 * thrown. Not a property of each ctx, which would make all its other properties slow.
 */
function watchWritable({ context }: Koa): void {
  if (watched.has(context)) return
  watched.add(context)
  const before = Object.create(
    Object.getPrototypeOf(context) as object,
    Object.getOwnPropertyDescriptors(context),
  ) as object
  const get = function (this: DeferringContext): unknown {
    const writable = Reflect.get(before, 'writable', this) as unknown
    const deferred = this[DEFERRED]
    if (deferred === undefined) return writable
    this[DEFERRED] = undefined
    const isOpen = writable && !this.headerSent && this.body === undefined
    if (isOpen && this.status === deferred.status) putPage(this, deferred.page)
    return writable
  }
  Object.defineProperty(context, 'writable', { get, configurable: true })
}
