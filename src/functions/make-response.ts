import { describe } from '../errors/describe'
import { currentToAnswer } from '../request/current'
import type { Response, ResponseValue } from '../types'

/**
 * Makes a new response that replaces the current one: `value` with a status and headers. What was written to `ctx` before
 * stays, except the fields of a `ctx.body` that this method has put. In an after method only the request's own fields stay.
 *
 * @param value any value that a view may return
 * @param status default: the status of `value` if it is a response or an HTTP error, else 200
 * @param headers set on the response; they override the headers of `value`. `Set-Cookie` and `Vary` are added
 * @returns Koa's `ctx.response`
 * @throws TypeError when `value` can't be a response, or `status` is no status; an Error outside of a request; in a method that the lifecycle no
 *   longer waits for, the reason of `ctx.signal`
 */
export function makeResponse(
  value: ResponseValue,
  status?: number,
  headers?: Readonly<Record<string, string | readonly string[] | undefined>>,
): Response {
  const { response } = currentToAnswer('makeResponse()')
  if (status !== undefined && !isStatus(status)) {
    throw new TypeError(`makeResponse(): the status must be a whole number from 100 to 999, not ${describe(status)}`)
  }
  return response.replace(value, status, headers)
}

/** What Koa takes: its own error would not say which call was wrong. */
const isStatus = (status: number): boolean => Number.isInteger(status) && status >= 100 && status <= 999
