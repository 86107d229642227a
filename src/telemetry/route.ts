import type Koa from 'koa'
import { REQUEST } from '../lifecycle/request-key'
import type { RequestContext } from '../request/request-context'

interface MatchedContext {
  readonly [REQUEST]?: RequestContext
  readonly _matchedRoute?: string | RegExp
}

/** The rule of a request, behind what koa-mount has taken off its path; of @koa/router beside a lifecycle the route's path. */
export function routeOf(ctx: Koa.Context): string | undefined {
  const { [REQUEST]: request, _matchedRoute: ofRouter } = ctx as MatchedContext
  if (request?.route !== undefined) return request.mountPath + request.route.rule
  return ofRouter === undefined ? undefined : String(ofRouter)
}
