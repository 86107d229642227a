import { currentToAnswer } from '../request/current'
import type { Response } from '../types'

/**
 * Makes a response that redirects the client. Return it: `return redirect('/login')`. Headers and cookies stay, except
 * those that describe a body; in an after method only the request's own ones stay.
 *
 * @param url an absolute URL or a path; Koa percent-encodes it where needed
 * @param code 300, 301, 302 (default), 303, 305, 307 or 308
 * @returns Koa's `ctx.response`
 * @throws TypeError for another code; an Error outside of a request; in a method that the lifecycle no longer waits
 *   for, the reason of `ctx.signal`
 */
export function redirect(url: string, code = 302): Response {
  return currentToAnswer('redirect()').response.redirect(url, code)
}
