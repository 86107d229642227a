import type Koa from 'koa'
import { REQUEST } from '../lifecycle/request-key'
import type { Globals } from '../types'
import { usedOutside } from './current'
import type { RequestContext } from './request-context'
import type { RequestSession } from './request-session'
import { runningContext } from './storage'

const BEFORE = 'A middleware around the lifecycle runs before there is a g: use ctx.state there.'
const OUTSIDE =
  'A middleware around the lifecycle runs before the session is opened and after it is saved: call that middleware in a ' +
  'before method, as docs/sessions.md does with passport.session().'

/** The request of the innermost lifecycle that has the `ctx` and has not ended; if all have ended, of the outermost. */
export function requestOf(ctx: Koa.Context & { readonly [REQUEST]?: RequestContext }): RequestContext | undefined {
  let request = ctx[REQUEST]
  while (request?.isOver === true && request.outer !== undefined) request = request.outer
  return request
}

/** What `ctx.g` is. */
export function globalsOf(ctx: Koa.Context): Globals {
  const request = requestOf(ctx)
  // Not the running request, which is another one where the `ctx` has come to no lifecycle yet.
  if (request === undefined) throw usedOutside('ctx.g', BEFORE)
  return request.g
}

/** What `ctx.session` works on. */
export function sessionOf(ctx: Koa.Context): RequestSession {
  const request = requestOf(ctx)
  // Without an async context it is not known whether the running code belongs to the request.
  const found = request === undefined || request.runtime.asyncContext ? runningContext() : request
  // Not another request's, which may be the running one where the `ctx` has come to no lifecycle yet.
  if (found?.ctx !== ctx) throw usedOutside('ctx.session', OUTSIDE)
  return (found as RequestContext).sharedSession
}
