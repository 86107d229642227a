import type { BeforeFact, RouteFacts, StageFacts, StepFact } from '../inspect/route-facts'
import type { Locator } from './locate'

/** Facts as they are written to JSON: a place, `src/users.ts:12`, for each function. */
export function routeJson(route: RouteFacts, locator: Locator, from: string) {
  const { methods, ownMethods, rule, endpoint, blueprint, view, input, answers } = route
  return {
    methods,
    ownMethods,
    rule,
    endpoint,
    blueprint,
    view: stepJson(view, locator, from),
    input,
    answers,
    ...stagesJson(route, locator, from),
  }
}

export function stagesJson(stages: StageFacts, locator: Locator, from: string) {
  const all = (list: readonly StepFact[]) => stepsJson(list, locator, from)
  return {
    preprocessors: all(stages.preprocessors),
    before: stages.before.map(each => ({ ...stepJson(each, locator, from), ...guardJson(each) })),
    after: all(stages.after),
    teardown: all(stages.teardown),
    afterResponse: all(stages.afterResponse),
    errorHandlers: stages.errorHandlers.map(each => ({
      error: each.error,
      ...stepJson(each, locator, from),
      scope: each.scope,
    })),
  }
}

export const stepsJson = (list: readonly StepFact[], locator: Locator, from: string) =>
  list.map(each => stepJson(each, locator, from))

const stepJson = ({ name, call }: StepFact, locator: Locator, from: string) => ({
  name,
  place: locator.describe(call, from) ?? null,
})

const guardJson = ({ security, answers }: BeforeFact) => ({ security, answers })
