import { checkFunction } from '../errors/check-options'
import { describe } from '../errors/describe'
import { requestOf } from '../request/request-of'
import { runIn, runningContext } from '../request/storage'
import type { Context } from '../types'

/**
 * Runs `fn` in the context of a request: `g`, `session`, `urlFor` and the other functions of a request work in it. For code
 * that does not belong to the request: after an `await` with `asyncContext: false`, or in a listener.
 *
 * @param ctx of a request in a controller's methods or after them
 * @returns the result of `fn`
 * @throws the error of `fn`, and a TypeError for a `ctx` that no lifecycle has had
 * @example return withRequestContext(ctx, () => redirect(urlFor('Users.show', { id })))
 */
export function withRequestContext<T>(ctx: Context, fn: () => T): T {
  checkFunction(fn, "withRequestContext(ctx, () => urlFor('index'))")
  const isObject = typeof (ctx as unknown) === 'object' && (ctx as unknown) !== null
  const request = isObject ? requestOf(ctx) : undefined
  // Code that was interrupted stays that.
  if (request !== undefined) return runningContext() === request ? fn() : runIn(request, fn)
  throw new TypeError(
    `withRequestContext(ctx, fn): expected the ctx of a request that has come to the lifecycle, not ${describe(ctx)}`,
  )
}
