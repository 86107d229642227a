import { currentToAnswer } from './context'
import { describe } from './errors'
import { applyRedirect, keepOpen } from './response'
import type { Awaitable, Context, Response, ResponseValue } from './types'

/**
 * Runs `fn` with this request's response once it is made, before the after methods, in the order of the calls
 * (docs/rules.md 9.1). It must return the response, like an after method. Throws outside of a request, and the reason of
 * `ctx.signal` in a method that is waited for no longer.
 */
export function afterThisRequest<F extends (response: Response, ctx: Context) => Awaitable<Response>>(fn: F): F {
  const request = currentToAnswer('afterThisRequest()')
  if (typeof fn !== 'function') throw new TypeError(`afterThisRequest needs a function, not ${describe(fn)}`)
  request.addAfterThisRequest(fn)
  return fn
}

/**
 * A new response in the place of the current one: headers that outer middleware had set stay, all others go.
 *
 * @param value any value that a view may return
 * @param status default 200, or that of `value` when it is a response or an HTTP error
 * @param headers set on the response, over those of `value`
 * @returns Koa's `ctx.response`
 * @throws TypeError when `value` can't be a response; an Error outside of a request; the reason of `ctx.signal` in a method
 *   that is waited for no longer
 */
export function makeResponse(
  value: ResponseValue,
  status?: number,
  headers?: Readonly<Record<string, string | readonly string[]>>,
): Response {
  return currentToAnswer('makeResponse()').renewResponse(value, status, headers)
}

/**
 * A response that sends the client elsewhere. Return it: `return redirect('/login')`.
 *
 * @param url absolute or a path; Koa escapes it
 * @param code 300, 301, 302 (default), 303, 305, 307 or 308
 * @returns Koa's `ctx.response`
 * @throws TypeError for another code; an Error outside of a request; the reason of `ctx.signal` in a method that is waited
 *   for no longer
 */
export function redirect(url: string, code = 302): Response {
  const request = currentToAnswer('redirect()')
  if (request.replaced !== undefined && request.ctx.body === request.replaced.body) keepOpen(request.ctx)
  applyRedirect(request.ctx, url, code)
  request.made = 'redirect'
  return request.response
}
