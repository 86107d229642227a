import { isHostAcceptable } from '../connection/host'
import { hasValidPath } from '../connection/request-target'
import type { PlannedRoute } from '../plan/planned-route'
import type { Match } from '../routing/router'
import type { Context } from '../types'
import type { BadHost } from './routing-failure'
import type { Runtime } from './runtime'

const BAD_HOST: BadHost = { kind: 'badHost' }
const MALFORMED = { kind: 'malformed' } as const

/** Where the URL of a request leads, if that and its host are well-formed. */
export function findMatch(ctx: Context, { plan, acceptsHost }: Runtime): Match<PlannedRoute> | BadHost {
  // Other middleware may have written another URL, also where an application of ours has looked for the path.
  if (!hasValidPath(ctx)) return MALFORMED
  if (acceptsHost(ctx)) return plan.router.match(ctx.method, ctx.req.url as string, ctx)
  if (!isHostAcceptable(ctx)) return BAD_HOST
  // Probes send the address of a container, which is not among `trustedHosts`: their route does not use the host.
  const match = plan.router.match(ctx.method, ctx.req.url as string, ctx)
  return match.kind === 'found' && match.entry.target.pipeline.isApart === true ? match : BAD_HOST
}
