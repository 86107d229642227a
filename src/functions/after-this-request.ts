import type { Awaitable, Context, Response } from '../types'
import { requestFor } from './request-for'

/**
 * Registers a function that runs once for this request's response: before the after methods, in the order of the calls.
 * Like an after method, the function must return the response.
 *
 * @throws outside of a request; in a method that the lifecycle no longer waits for, the reason of `ctx.signal`
 * @see docs/rules.md [9.1]
 */
export function afterThisRequest<F extends (response: Response, ctx: Context) => Awaitable<Response>>(fn: F): F {
  requestFor(fn, 'afterThisRequest').addAfterThisRequest(fn)
  return fn
}
