import type { Context, Outcome } from '../types'
import { requestFor } from './request-for'

/**
 * Registers a function that runs once for this request, as an `@AfterResponse` method does: after the last byte of its response
 * and after its teardown, before the `@AfterResponse` methods, in the order of the calls. `g` is there, a shutdown waits for it, and
 * an error that it throws is emitted as the application's `error` event. Without an `@AfterResponse` method in the application,
 * `outcome.durationMs` counts from this call.
 *
 * @throws outside of a request; in a method that the lifecycle no longer waits for, the reason of `ctx.signal`
 */
export function afterThisResponse<F extends (outcome: Outcome, ctx: Context) => unknown>(fn: F): F {
  requestFor(fn, 'afterThisResponse').addAfterThisResponse(fn)
  return fn
}
