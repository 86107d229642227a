import type Koa from 'koa'
import type { Pipeline } from '../lifecycle/exchange'
import type { Plan } from '../plan/plan'
import type { PlannedRoute } from '../plan/planned-route'
import { requireRuntime, runtimesOf } from '../request/runtime'
import type { RouteEntry } from '../routing/router'
import type { Pattern } from '../routing/rule'
import { INPUT_LOCATIONS } from '../errors/validation-error'
import { isSchema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'
import { handlersOf, type HandlerFact } from './handler-facts'

export type Method = (...args: never[]) => unknown

/** A method that runs: its `Class.method`, and the function, which `locate` finds in the source. */
export interface StepFact {
  readonly name: string
  readonly call: Method
}

/** A before method, with what it declares. */
export interface BeforeFact extends StepFact {
  /** The names of the security schemes that it checks. */
  readonly security: readonly string[]
  /** The statuses that it may answer with. */
  readonly answers: readonly number[]
}

/** One location of a request that a route declares. */
export interface InputFact {
  readonly location: string
  /** The names of its fields; `undefined` if the schema does not say. */
  readonly fields: readonly string[] | undefined
}

/** One answer that a route declares: checked by a schema, without a body, or described by a text. */
export interface AnswerFact {
  readonly status: number
  readonly body: 'schema' | 'none' | 'any'
  readonly description: string | undefined
}

/** What runs around a view, each list in its order. */
export interface StageFacts {
  readonly preprocessors: readonly StepFact[]
  readonly before: readonly BeforeFact[]
  readonly after: readonly StepFact[]
  readonly teardown: readonly StepFact[]
  readonly afterResponse: readonly StepFact[]
  /** In the order in which they are asked. */
  readonly errorHandlers: readonly HandlerFact[]
}

/** One rule of one view. */
export interface RouteFacts extends StageFacts {
  /** Including the automatic HEAD and OPTIONS. */
  readonly methods: readonly string[]
  /** Without those. */
  readonly ownMethods: readonly string[]
  readonly rule: string
  readonly endpoint: string
  readonly blueprint: string
  /** What the router compares the segments of a path with. */
  readonly parts: readonly (string | Pattern)[]
  readonly view: StepFact
  readonly input: readonly InputFact[]
  readonly answers: readonly AnswerFact[]
  /** Whether none of the application's own methods runs around it, as for those of `flaskoa/health`. */
  readonly isApart: boolean
}

/** What one lifecycle of an application runs. */
export interface LifecycleFacts {
  /** In the order of registration. */
  readonly routes: readonly RouteFacts[]
  /** What runs for each request, also for one that matches no rule. */
  readonly everyRequest: StageFacts
  /** The names of its extensions, in their order. */
  readonly extensions: readonly string[]
  readonly beforeFirst: readonly StepFact[]
  readonly onStart: readonly StepFact[]
  readonly onShutdown: readonly StepFact[]
  readonly teardownAppContext: readonly StepFact[]
}

/**
 * The facts of each lifecycle of an application, most often of one.
 *
 * @throws TypeError for an application without a lifecycle
 */
export function lifecyclesOf(app: Koa, user: string): LifecycleFacts[] {
  requireRuntime(app, user)
  return runtimesOf(app).map(({ plan }) => lifecycleFacts(plan))
}

function lifecycleFacts(plan: Plan): LifecycleFacts {
  return {
    routes: entriesOf(plan).map(entry => routeFacts(plan, entry)),
    everyRequest: everyRequest(plan),
    ...aroundRequests(plan),
    extensions: plan.extensions.map(({ name }) => name),
    onStart: plan.onStart.map(step),
    onShutdown: [...plan.onShutdown].reverse().map(step),
  }
}

/** The routes of a plan. A route is in the list once, also if it has two names. */
export const entriesOf = ({ endpoints }: Plan): RouteEntry<PlannedRoute>[] => [
  ...new Set([...endpoints.values()].flat()),
]

export const everyRequest = ({ unmatched }: Plan): StageFacts => stages(unmatched, unmatched.before, [], [])

export const aroundRequests = ({ beforeFirst, teardownAppContext }: Plan) => ({
  beforeFirst: beforeFirst.map(step),
  teardownAppContext: teardownAppContext.map(step),
})

export function routeFacts(
  plan: Plan,
  { methods, name, rule: { parts }, target }: RouteEntry<PlannedRoute>,
): RouteFacts {
  const { rule, endpoint, blueprint, errorScopes, call, declared, guards, pipeline, options, hasInput } = target
  const before = hasInput ? pipeline.before.slice(0, -1) : pipeline.before
  return {
    methods,
    ownMethods: methods.filter(
      method => !(method === 'OPTIONS' && options !== undefined) && !(method === 'HEAD' && methods.includes('GET')),
    ),
    rule,
    endpoint,
    blueprint,
    parts,
    view: { name, call },
    input: inputOf(declared, plan),
    answers: answersOf(declared.response),
    isApart: pipeline.isApart === true,
    ...stages(pipeline, before, guards, errorScopes),
  }
}

function stages(
  pipeline: Pipeline,
  before: Pipeline['before'],
  guards: PlannedRoute['guards'],
  errorScopes: readonly string[],
): StageFacts {
  return {
    preprocessors: pipeline.preprocessors.map(step),
    before: before.map(call => ({ ...step(call), ...guardOf(call, guards) })),
    after: pipeline.after.map(step),
    teardown: pipeline.teardown.map(step),
    afterResponse: pipeline.afterResponse.map(step),
    errorHandlers: handlersOf(pipeline.errorHandlers, errorScopes),
  }
}

const step = (call: Method): StepFact => ({ name: call.name, call })

function guardOf(call: Method, guards: PlannedRoute['guards']): Omit<BeforeFact, keyof StepFact> {
  const { security, response } = guards.find(guard => guard.call === call)?.options ?? {}
  return { security: Object.keys(security ?? {}), answers: Object.keys(response ?? {}).map(Number) }
}

function inputOf(declared: PlannedRoute['declared'], { schemas }: Plan): InputFact[] {
  return INPUT_LOCATIONS.flatMap(location => {
    const schema = declared[location]
    if (schema === undefined) return []
    const { properties } = schemas.of(schema, 'input') ?? {}
    return [{ location, fields: isRecord(properties) ? Object.keys(properties) : undefined }]
  })
}

function answersOf(response: PlannedRoute['declared']['response']): AnswerFact[] {
  if (response === undefined) return []
  const byStatus: Readonly<Record<string, unknown>> = isSchema(response) ? { 200: response } : response
  return Object.entries(byStatus).map(([status, declared]) => ({
    status: Number(status),
    body: declared === null ? 'none' : typeof declared === 'string' ? 'any' : 'schema',
    description: typeof declared === 'string' ? declared : undefined,
  }))
}
