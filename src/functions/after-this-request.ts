import { describe } from '../errors/describe'
import { currentToAnswer } from '../request/current'
import type { Awaitable, Context, Response } from '../types'

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
