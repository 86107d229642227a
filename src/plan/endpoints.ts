import type { RouteOptions } from '../decorators/route-options'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import type { RouteEntry } from '../routing/router'

/** What endpoints need of a route. */
type Named = RouteEntry<{ readonly endpoint: string }>

/** @throws SetupError for an endpoint that is no name, or has dots */
export function checkedEndpoint(endpoint: unknown, name: string): string {
  if (typeof endpoint === 'string' && endpoint !== '' && !endpoint.includes('.')) return endpoint
  throw new SetupError(
    'BAD_ENDPOINT',
    `${name}: the endpoint ${describe(endpoint)} must be a name without dots. Set one: { endpoint: '…' }.`,
  )
}

/** The names of an entry for `urlFor`: its endpoint, and its alias, which has no blueprint. */
export function namesOf({ name, target: { endpoint } }: Named, { alias }: RouteOptions): string[] {
  return alias === undefined ? [endpoint] : [endpoint, checkedEndpoint(alias, name)]
}

/**
 * Whether a method has its rule a second time, only to have a second endpoint: `@Get('/') @Get('/', { endpoint: 'home' })`.
 * The first answers the requests, as in Flask.
 */
export const isSecondEndpoint = (entry: Named, first: Named): boolean =>
  entry.name === first.name &&
  entry.rule.source === first.rule.source &&
  entry.target.endpoint !== first.target.endpoint &&
  entry.methods.every(method => first.methods.includes(method))

/** Refuses an endpoint that another method has. The rules of one method may share an endpoint [11.3]. */
export function refuseTaken<Entry extends Named>(endpoint: string, others: Entry[], entry: Entry): Entry[] {
  const other = others.find(({ name }) => name !== entry.name)
  if (other === undefined) return others
  throw new SetupError(
    'DUPLICATE_ENDPOINT',
    `${entry.name}: the endpoint '${endpoint}' is already in use by ${other.name}. Give one of them another: ` +
      "{ endpoint: '…' }.",
  )
}
