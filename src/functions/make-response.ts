import { currentToAnswer } from '../request/current'
import type { Response, ResponseValue } from '../types'

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
  return currentToAnswer('makeResponse()').response.replace(value, status, headers)
}
