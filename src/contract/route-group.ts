import type { CheckedRule } from '../routing/rule-args'

/** Routes for a client whose rules begin with a prefix, as those of a blueprint do. */
export interface RouteGroup<Prefix extends string, Routes> {
  readonly '~prefix': Prefix
  readonly '~routes': Routes
}

/**
 * Says which prefix a blueprint gives its routes. The decorators themselves do not know it: a class may be registered with
 * several.
 *
 * @example client(base, { users: withPrefix('/users', { createUser }) }).users.createUser(…)
 */
export const withPrefix = <const Prefix extends string, Routes extends object>(
  prefix: CheckedRule<Prefix>,
  routes: Routes,
): RouteGroup<Prefix, Routes> => ({ '~prefix': prefix as Prefix, '~routes': routes })
