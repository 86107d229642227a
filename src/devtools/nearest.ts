import type Koa from 'koa'
import type { Plan } from '../plan/plan'
import { nearestRules } from '../routing/nearest-rules'
import type { NearestRule } from './facts'

/** The rules that come nearest to a request that no rule matches. */
export function nearestTo({ method, path }: Koa.Context, { endpoints }: Plan): NearestRule[] {
  const entries = [...new Set([...endpoints.values()].flat())]
  return nearestRules(entries, method, path).map(({ entry: { methods, target }, why }) => ({
    methods,
    rule: target.rule,
    endpoint: target.endpoint,
    why,
  }))
}
