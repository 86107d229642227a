import type { RouteFacts } from '../decorators/route-options'
import type { RouteGroup } from '../contract/route-group'
import { ROUTE } from '../decorators/route-key'
import { isRecord } from '../util/is-record'
import { shown } from './texts'

/** A route or a group of a contract, by its name there. */
export type NamedRoute = readonly [name: string, route: RouteFacts | RouteGroup<string, object>]

/**
 * The routes and groups among what a module exports.
 *
 * @param group the group that has them, for errors: `orgs.members`
 * @throws TypeError if there can't be any
 */
export function routesOf(contract: unknown, group: string): NamedRoute[] {
  if (!isRecord(contract)) throw noRoutes(group, factsOf(contract) ? 'a decorator itself' : shown(contract))
  if (isGroup(contract)) throw noRoutes(group, 'a group itself')
  const names = Object.keys(contract)
  const routes = names.flatMap((name): NamedRoute[] => {
    const each = contract[name]
    const route = isGroup(each) ? each : factsOf(each)
    return route === undefined ? [] : [[name, route]]
  })
  // The routes of a group may be written later.
  if (routes.length > 0 || (names.length === 0 && group !== '')) return routes
  throw noRoutes(group, names.length === 0 ? 'an empty object' : `one that has only ${names.join(', ')}`)
}

/** @throws TypeError for a rule or prefix that would change the host of the URL before it */
export function checkedRule(rule: unknown, what: string): string {
  if (typeof rule === 'string' && /^(?:\/|$)/.test(rule)) return rule
  throw new TypeError(`client: the ${what} must begin with '/', not ${shown(rule)}`)
}

const factsOf = (value: unknown): RouteFacts | undefined =>
  typeof value === 'function' ? (value as { [ROUTE]?: RouteFacts })[ROUTE] : undefined

export const isGroup = (value: unknown): value is RouteGroup<string, object> => isRecord(value) && '~prefix' in value

function noRoutes(group: string, given: string): TypeError {
  const what = group === '' ? 'the routes' : `the routes of ${group}`
  return new TypeError(
    `client: ${what} must be an object with decorators of routes or groups, such as { createUser }, not ${given}`,
  )
}
