import type { Plan } from '../plan/plan'
import { nearestRules } from '../routing/nearest-rules'
import { entriesOf } from './route-facts'

/** A rule that nearly matches, and why it does not. */
export interface NearRoute {
  readonly methods: readonly string[]
  readonly rule: string
  readonly endpoint: string
  /** `is for POST`; the subject is the rule. */
  readonly why: string
}

/** The rules that come nearest to a request that no rule matches. */
export const nearRoutes = (plan: Plan, method: string, path: string): NearRoute[] =>
  nearestRules(entriesOf(plan), method, path).map(({ entry: { methods, target }, why }) => ({
    methods,
    rule: target.rule,
    endpoint: target.endpoint,
    why,
  }))
