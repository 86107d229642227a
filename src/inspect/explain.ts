import type Koa from 'koa'
import type { Plan } from '../plan/plan'
import { requireRuntime, runtimesOf } from '../request/runtime'
import type { Match } from '../routing/router'
import type { PlannedRoute } from '../plan/planned-route'
import { nearRoutes, type NearRoute } from './near-routes'
import {
  aroundRequests,
  everyRequest,
  routeFacts,
  type LifecycleFacts,
  type RouteFacts,
  type StageFacts,
} from './route-facts'

/** Why no route answers a request. */
export type Reason =
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'notAllowed'; readonly allow: readonly string[] }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'malformed' }

type Around = Pick<LifecycleFacts, 'beforeFirst' | 'teardownAppContext'>

/** What a request meets. */
export type Explanation = Around &
  (
    | {
        readonly kind: 'found'
        readonly route: RouteFacts
        readonly values: Readonly<Record<string, unknown>>
        /** Whether flaskoa answers instead of the view: the method is OPTIONS. */
        readonly isAutomatic: boolean
      }
    | {
        readonly kind: 'unmatched'
        readonly reason: Reason
        readonly near: readonly NearRoute[]
        readonly runs: StageFacts
      }
  )

/**
 * What runs for a request, without making it.
 *
 * @param method in any case
 * @param url a path with or without a query, percent-encoded, or a whole URL
 * @throws TypeError for an application without a lifecycle
 */
export function explain(app: Koa, method: string, url: string): Explanation {
  requireRuntime(app, 'explain')
  const path = pathOf(url)
  // A lifecycle leaves a request that it has no rule for to the next one.
  const explanations = runtimesOf(app).map(({ plan }) => explainIn(plan, method.toUpperCase(), path))
  return explanations.find(({ kind }) => kind === 'found') ?? (explanations[0] as Explanation)
}

/** Without the origin and the query. */
const pathOf = (url: string): string => url.replace(/^https?:\/\/[^/?#]*/i, '').replace(/[?#].*$/s, '') || '/'

function explainIn(plan: Plan, method: string, path: string): Explanation {
  const match = plan.router.match(method, path)
  const around = aroundRequests(plan)
  if (match.kind !== 'found') return { ...around, kind: 'unmatched', ...unmatched(plan, match, method, path) }
  const { entry, values } = match
  const isAutomatic = method === 'OPTIONS' && entry.target.options !== undefined
  return { ...around, kind: 'found', route: routeFacts(plan, entry), values, isAutomatic }
}

function unmatched(plan: Plan, match: Exclude<Match<PlannedRoute>, { kind: 'found' }>, method: string, path: string) {
  const near = match.kind === 'redirect' ? [] : nearRoutes(plan, method, path)
  const reason: Reason = match.kind === 'redirect' ? { kind: 'redirect', location: match.path } : match
  return { reason, near, runs: everyRequest(plan) }
}
