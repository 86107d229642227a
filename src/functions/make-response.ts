import { currentToAnswer } from '../request/current'
import type { HttpError, Made, Response, ResponseValue, UnsetStatus } from '../types'

/** What has a status of its own, and what no schema describes. Declaration files can't name all of these types. */
type Finished = globalThis.Response | Response | HttpError

/**
 * Makes a new response that replaces the current one: `value` with a status and headers. What was written to `ctx` before
 * stays, except the fields of a `ctx.body` that this method has put. In an after method only the request's own fields stay.
 *
 * @param value any value that a view may return
 * @param status default: the status of `value` if it is a response or an HTTP error, else 200; in a view that declares its
 *   answers the first 2xx that is declared
 * @param headers set on the response; they override the headers of `value`. `Set-Cookie` and `Vary` are added
 * @returns Koa's `ctx.response`
 * @throws TypeError when `value` can't be a response, or `status` is no status; an Error outside of a request; in a method that the lifecycle no
 *   longer waits for, the reason of `ctx.signal`
 */
export function makeResponse<
  const Value extends ResponseValue,
  Status extends number = Value extends Finished ? number : UnsetStatus,
>(
  value: Value,
  status?: Status,
  headers?: Readonly<Record<string, string | readonly string[] | undefined>>,
): Made<Status, Value extends Finished ? Response : Value> {
  return currentToAnswer('makeResponse()').response.replace(value, status, headers)
}
