import type { Addition } from '../plan/controller'
import type { AppContext } from './app-context'
import type { RequestContext } from './request-context'

/**
 * The methods that a decorator of a subpath has recorded under `key`: those of the application and its extensions, then those of the
 * current route's blueprints, outermost first.
 */
export function additionsOf(context: AppContext, key: symbol): readonly Addition[] {
  const { route } = context as Partial<RequestContext>
  return (route ?? context.plan).additions.filter(addition => addition.key === key)
}
