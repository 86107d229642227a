import { byWeight } from '../routing/search'
import type { RouteFacts } from './route-facts'

/** The orders of a list of routes, as Flask's `flask routes --sort` has them. */
export const ORDERS = ['endpoint', 'rule', 'methods', 'match'] as const
export type Order = (typeof ORDERS)[number]

/** Sorts routes, those that are equal in the order of registration. `match` is the order in which the router tries rules. */
export function inOrderOf(routes: readonly RouteFacts[], order: Order): RouteFacts[] {
  if (order === 'match') return [...routes].sort((a, b) => byMatch(a.parts, b.parts))
  const keys = { endpoint, rule, methods }
  const keyOf = keys[order]
  return [...routes].sort((a, b) => byText(keyOf(a), keyOf(b)))
}

const endpoint = (route: RouteFacts) => route.endpoint
const rule = (route: RouteFacts) => route.rule
const methods = (route: RouteFacts) => [...route.ownMethods].sort().join(',')

/** By code units: the same on each machine, whatever its language. */
export const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

/** Segment by segment: text before variables, then the pattern with the smaller weight. */
function byMatch(a: RouteFacts['parts'], b: RouteFacts['parts']): number {
  for (const [index, part] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const difference = byPart(part, other)
    if (difference !== 0) return difference
  }
  return a.length === b.length ? 0 : -1
}

function byPart(a: RouteFacts['parts'][number], b: RouteFacts['parts'][number]): number {
  if (typeof a === 'string') return typeof b === 'string' ? byText(a, b) : -1
  return typeof b === 'string' ? 1 : byWeight(a, b) || byText(a.matcher.source, b.matcher.source)
}
