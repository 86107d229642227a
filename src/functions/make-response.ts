import { currentToAnswer } from '../request/current'
import type { Response, ResponseValue } from '../types'

/**
 * Makes a new response that replaces the current one. Headers that outer middleware has set stay, all others are
 * removed.
 *
 * @param value any value that a view may return
 * @param status default: the status of `value` if it is a response or an HTTP error, else 200
 * @param headers set on the response; they override the headers of `value`
 * @returns Koa's `ctx.response`
 * @throws TypeError when `value` can't be a response; an Error outside of a request; in a method that the lifecycle no
 *   longer waits for, the reason of `ctx.signal`
 */
export function makeResponse(
  value: ResponseValue,
  status?: number,
  headers?: Readonly<Record<string, string | readonly string[]>>,
): Response {
  return currentToAnswer('makeResponse()').response.replace(value, status, headers)
}
