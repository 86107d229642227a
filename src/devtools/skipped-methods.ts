import { internalServerError } from '../errors/http-error'
import { handlersOf, type HandlerFact } from '../inspect/handler-facts'
import { findErrorHandler } from '../lifecycle/error-handlers'
import type { MethodStage } from '../lifecycle/watch'
import type { RequestContext } from '../request/request-context'
import type { Moment } from '../request/timeline'

/** A method that did not run, or not yet. */
export interface SkippedMethod {
  readonly stage: MethodStage
  readonly method: string
  readonly why: string
}

/** The name of a function without one, which was given to `afterThisRequest`. */
export const ANONYMOUS = '(anonymous)'

/** The stages up to the answer. */
const INWARDS: readonly MethodStage[] = ['beforeFirst', 'preprocessor', 'before', 'input', 'view']

/** A method that might have run. */
interface Planned {
  readonly stage: MethodStage
  readonly method: string
}

type Named = readonly { readonly name: string }[]

/** The methods of a request's pipeline that have not run by now, each with the reason. */
export function skippedMethods(request: RequestContext, moments: readonly Moment[]): SkippedMethod[] {
  const left = [...moments]
  const hasRun = ({ stage, method }: Planned) => {
    const index = left.findIndex(moment => moment.stage === stage && moment.name === method)
    if (index !== -1) left.splice(index, 1)
    return index !== -1
  }
  const planned = plannedMethods(request).filter(each => !hasRun(each))
  const handlers = handlersOf(request.pipeline.errorHandlers, [])
    .map(fact => ({ stage: 'errorHandler' as const, method: fact.name, why: whyNotAsked(fact, request) }))
    .filter(each => !hasRun(each))
  return [
    ...planned.map(({ stage, method }) => ({
      stage,
      method: method || ANONYMOUS,
      why: whyNot(stage, request, moments),
    })),
    ...handlers,
  ]
}

function plannedMethods({ pipeline, plan, route, ctx, afterThisRequest }: RequestContext): Planned[] {
  const { before, preprocessors, view, after, afterResponse } = pipeline
  const hasView = route !== undefined && !(ctx.method === 'OPTIONS' && route.options !== undefined)
  const steps = before.length - (hasView && route.hasInput ? 1 : 0)
  // Without what flaskoa itself adds for a request, such as the removal of its files.
  const { teardown } = route?.pipeline ?? plan.unmatched
  const at = (stage: MethodStage, methods: Named) => methods.map(({ name }) => ({ stage, method: name }))
  return [
    ...at('beforeFirst', plan.firstRequest.passed ? [] : plan.beforeFirst),
    ...at('preprocessor', preprocessors),
    ...at('before', before.slice(0, steps)),
    ...at('input', before.slice(steps)),
    ...at('view', hasView ? [view] : []),
    ...at('after', [...afterThisRequest, ...after]),
    ...at('teardown', teardown),
    ...at('teardownAppContext', plan.teardownAppContext),
    ...at('afterResponse', afterResponse),
  ]
}

function whyNot(stage: MethodStage, request: RequestContext, moments: readonly Moment[]): string {
  if (INWARDS.includes(stage)) return stoppedBy(moments) ?? 'an error came first'
  switch (stage) {
    case 'after':
      return failureIn('after', moments) ?? 'an error that no handler answers skips after methods'
    case 'afterResponse':
      return 'waits until the response is out'
    default:
      return request.failure?.handled === false
        ? 'waits for the next request, so that you can look at the state of this one'
        : 'waits for the end of a stream'
  }
}

function whyNotAsked({ error, call }: HandlerFact, { failure, pipeline, plan }: RequestContext): string {
  const isFor500 = findErrorHandler(pipeline.errorHandlers, internalServerError(new Error())) === call
  const isPassedOver = isFor500 && failure?.handled === false && plan.settings.propagateExceptions
  return isPassedOver
    ? `is for ${error}; not asked while propagateExceptions is on, as in debug mode`
    : `is for ${error}`
}

/** What ended the way to the view: a method that threw, or a before method that answered. */
function stoppedBy(moments: readonly Moment[]): string | undefined {
  const inwards = moments.filter(({ stage }) => INWARDS.includes(stage))
  const thrower = inwards.find(hasThrown)
  if (thrower !== undefined) return `${thrower.name} threw`
  const answering = inwards.find(hasAnswered)
  return answering && `${answering.name} answered`
}

const hasThrown = ({ outcome }: Moment): boolean => outcome !== undefined && 'error' in outcome

/** A before method answers by any value but these two. */
const hasAnswered = ({ stage, outcome }: Moment): boolean =>
  stage === 'before' && outcome !== undefined && 'result' in outcome && (outcome.result ?? undefined) !== undefined

function failureIn(stage: MethodStage, moments: readonly Moment[]): string | undefined {
  const thrower = moments.find(moment => moment.stage === stage && hasThrown(moment))
  return thrower && `${thrower.name} threw`
}
