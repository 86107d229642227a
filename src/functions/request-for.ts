import { describe } from '../errors/describe'
import { currentToAnswer } from '../request/current'
import type { RequestContext } from '../request/request-context'

/** The request that a function is registered for. Throws outside of a request, and a TypeError for what is no function. */
export function requestFor(fn: unknown, what: string): RequestContext {
  const request = currentToAnswer(`${what}()`)
  if (typeof fn === 'function') return request
  throw new TypeError(`${what} needs a function, not ${describe(fn)}`)
}
