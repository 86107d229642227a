import { currentToAnswer } from '../request/current'
import type { Response } from '../types'

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
  return currentToAnswer('redirect()').response.redirect(url, code)
}
