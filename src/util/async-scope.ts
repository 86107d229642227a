import { AsyncResource } from 'node:async_hooks'

/**
 * Returns a function that calls `fn` in the async context of now: what an event of a socket, a timer or a shutdown calls
 * later keeps the stores of each AsyncLocalStorage, for instance a middleware's trace id. Not AsyncResource.bind, which costs
 * many times as much.
 */
export function inThisScope<A extends unknown[], T>(fn: (...args: A) => T): (...args: A) => T {
  const scope = new AsyncResource('flaskoa')
  return (...args) => scope.runInAsyncScope(fn, undefined, ...args)
}
