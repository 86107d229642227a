import type { Exchange, Pipeline } from '../lifecycle/exchange'
import type { BoundView } from './bound-view'
import type { Hooks } from './controller'

/**
 * The hooks in their order. The application is first on the way in and last on the way out.
 *
 * @param inwards those of the application, then of its blueprints, outermost first
 */
export function pipelineOf(
  inwards: readonly Hooks[],
  view: BoundView,
  input?: Pipeline['before'][number],
  isApart = false,
): Pipeline {
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

/** A view with the name that messages have. */
export function named(name: string, view: (exchange: Exchange) => unknown): BoundView {
  return Object.defineProperty(view, 'name', { value: name })
}
