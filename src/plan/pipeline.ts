import type { Exchange, Pipeline } from '../lifecycle/exchange'
import type { BoundView } from './bound-view'
import { Hooks } from './controller'

/**
 * The hooks in their order. The application is first on the way in and last on the way out.
 *
 * @param scopes those of the application, then of its blueprints, outermost first
 * @param endpoint of the route; `undefined` for a URL that matches no rule
 */
export function pipelineOf(
  scopes: readonly Hooks[],
  view: BoundView,
  endpoint: string | undefined,
  {
    input,
    isApart = false,
  }: { readonly input?: Pipeline['before'][number] | undefined; readonly isApart?: boolean } = {},
): Pipeline {
  const inwards = scopes.map((hooks, depth) => hooksFor(hooks, endpoint && withoutScopes(endpoint, depth)))
  const outwards = [...inwards].reverse()
  return Object.freeze({
    preprocessors: inwards.flatMap(hooks => hooks.preprocessors),
    before: [...inwards.flatMap(hooks => hooks.before), ...(input === undefined ? [] : [input])],
    view,
    isApart,
    after: outwards.flatMap(hooks => [...hooks.after].reverse()),
    teardown: outwards.flatMap(hooks => [...hooks.teardown].reverse()),
    afterResponse: outwards.flatMap(hooks => [...hooks.afterResponse].reverse()),
    errorHandlers: outwards.map(hooks => hooks.errorHandlers).filter(handlers => !handlers.isEmpty),
  })
}

/** The hooks of one scope that run for an endpoint. */
function hooksFor(hooks: Hooks, endpoint: string | undefined): Hooks {
  const { filters } = hooks
  if (filters.size === 0) return hooks
  const runs = (call: (...args: never[]) => unknown) => filters.get(call)?.allows(endpoint) !== false
  return Object.assign(new Hooks(), hooks, {
    before: hooks.before.filter(runs),
    after: hooks.after.filter(runs),
    teardown: hooks.teardown.filter(runs),
    afterResponse: hooks.afterResponse.filter(runs),
  })
}

/** `('admin.users.show', 2)` → `'show'`: the name of an endpoint in a blueprint at this depth. */
const withoutScopes = (endpoint: string, depth: number): string => endpoint.split('.').slice(depth).join('.')

/** A view with the name that messages have. */
export function named(name: string, view: (exchange: Exchange) => unknown): BoundView {
  return Object.defineProperty(view, 'name', { value: name })
}
