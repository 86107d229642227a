import type { Hooks, View } from './controller'
import type { Controllers, Scope } from './controllers'
import type { DeclaredRoute, RouteOptions } from '../decorators/route-options'
import { describe } from '../errors/describe'
import { FirstRequest } from '../lifecycle/first-request'
import type { Exchange, Pipeline, LifecycleSettings } from '../lifecycle/exchange'
import { viewOf, viewWithInput, withAnswers, type BoundView } from './bound-view'
import { checkRouteOptions } from './check-options'
import { methodsOf, withAutomatic } from './methods'
import { builtInConverters } from '../routing/built-in-converters'
import type { ConverterDefinition } from '../routing/converters'
import { joinRules } from '../routing/join-rules'
import { Rule } from '../routing/rule'
import { inputStep } from '../input/input-step'
import { resolveLimits, type ResolvedLimits } from '../input/limits'
import { JsonSchemas } from '../schema/json-schema'
import { lifecycleSettings, type LifecycleOptions } from './options'
import { Router, type RouteEntry } from '../routing/router'
import { SetupError } from '../errors/setup-error'

/** One rule of one view, with everything that runs for it. */
export interface PlannedRoute {
  /** The rule as it is written, with the prefixes of its blueprints in front. */
  readonly rule: string
  readonly endpoint: string
  readonly blueprint: string
  /** The blueprint and those around it, innermost first. */
  readonly blueprints: readonly string[]
  readonly pipeline: Pipeline
  /** The same hooks around the automatic answer to OPTIONS; `undefined` when the view answers OPTIONS itself. */
  readonly options: Pipeline | undefined
  readonly urlDefaults: Hooks['urlDefaults']
  readonly limits: ResolvedLimits
  /** Whether HTTP errors without a handler are answered by problem details. */
  readonly usesProblemDetails: boolean
  /** The options as they are written, for the OpenAPI document. */
  readonly declared: DeclaredRoute
  /** What the before methods that run for it say, outermost first. */
  readonly guards: Hooks['guards']
}

/** What bootstrap decides for all requests. It never changes. */
export interface Plan {
  readonly settings: LifecycleSettings
  readonly router: Router<PlannedRoute>
  readonly endpoints: ReadonlyMap<string, readonly RouteEntry<PlannedRoute>[]>
  /** The application's hooks, for a URL that matches no rule. */
  readonly unmatched: Pipeline
  readonly firstRequest: FirstRequest
  /** Whether there is any `@AfterResponse` method, so that the outcome of requests must be recorded. */
  readonly hasAfterResponse: boolean
  readonly onShutdown: Hooks['onShutdown']
  readonly teardownAppContext: Hooks['teardownAppContext']
  readonly urlBuildErrors: Hooks['urlBuildErrors']
  readonly limits: ResolvedLimits
  readonly usesProblemDetails: boolean
  readonly schemas: JsonSchemas
}

/** Makes the plan from the controllers: checks every rule and puts every list of hooks in its order. */
export function buildPlan({ app, scopes }: Controllers, options: LifecycleOptions): Plan {
  const router = new Router<PlannedRoute>()
  const endpoints = new Map<string, RouteEntry<PlannedRoute>[]>()
  const setup: RouteSetup = {
    app,
    converters: { ...builtInConverters, ...options.converters },
    schemas: new JsonSchemas(options.toJsonSchema),
    options,
  }
  for (const scope of scopes) {
    const entries: RouteEntry<PlannedRoute>[] = []
    for (const view of scope.views) {
      const entry = routeEntry(setup, scope, view)
      if (!entries.some(other => isSecondEndpoint(entry, other))) router.add(entry)
      entries.push(entry)
      for (const endpoint of namesOf(entry, view.options))
        endpoints.set(endpoint, [...refuseTaken(endpoint, endpoints.get(endpoint) ?? [], entry), entry])
    }
  }
  const unmatched = pipelineOf(
    app,
    [],
    named('the application', exchange => exchange.callNext()),
  )
  const teardownAppContext = [...app.teardownAppContext].reverse()
  const firstRequest = new FirstRequest(app.beforeFirst)
  return Object.freeze({
    settings: lifecycleSettings(options),
    router,
    endpoints,
    unmatched,
    firstRequest,
    hasAfterResponse: [app, ...scopes.flatMap(({ chain }) => chain)].some(hooks => hooks.afterResponse.length > 0),
    onShutdown: app.onShutdown,
    teardownAppContext,
    urlBuildErrors: app.urlBuildErrors,
    limits: resolveLimits(options.limits),
    usesProblemDetails: options.problemDetails ?? false,
    schemas: setup.schemas,
  })
}

/** What the routes of an application have in common. */
interface RouteSetup {
  readonly app: Hooks
  readonly converters: Readonly<Record<string, ConverterDefinition>>
  readonly schemas: JsonSchemas
  readonly options: LifecycleOptions
}

function routeEntry(
  { app, converters, schemas, options: appOptions }: RouteSetup,
  { name: blueprint, prefix, defaults, chain }: Scope,
  view: View,
): RouteEntry<PlannedRoute> {
  const { call, options } = view
  const { name } = call
  const where = `${name}: ${view.decorator}`
  checkRouteOptions(options, where)
  const rule = Rule.parse(joinRules(prefix, view.rule), converters, name)
  const methods = methodsOf(view)
  const automaticOptions = options.provideAutomaticOptions ?? !methods.includes('OPTIONS')
  // Only the view's own rule and defaults decide whether it gets values. Variables of the prefix alone are in
  // ctx.params.
  const takesValues = view.rule.includes('<') || Object.keys(options.defaults ?? {}).length > 0
  const names = [...rule.variables.map(variable => variable.name), ...Object.keys(options.defaults ?? {})]
  const input = inputStep(options, schemas, names, where)
  const run = input === undefined ? viewOf(call, takesValues) : viewWithInput(call)
  const checkedRun = withAnswers(run, options.response, { name, where, schemas, mode: appOptions.responseMismatch })
  const pipeline = pipelineOf(app, chain, named(name, checkedRun), input)
  return {
    rule,
    methods: withAutomatic(methods, automaticOptions),
    strictSlashes: options.strictSlashes ?? true,
    defaults: unlessEmpty({ ...defaults, ...options.defaults }),
    name,
    target: Object.freeze({
      rule: rule.source,
      endpoint: (blueprint === '' ? '' : `${blueprint}.`) + checkedEndpoint(options.endpoint ?? view.method, name),
      blueprint,
      blueprints: Object.freeze(chainOf(blueprint)),
      pipeline,
      options: automaticOptions
        ? pipelineOf(
            app,
            chain,
            named(name, exchange => exchange.answerOptions()),
          )
        : undefined,
      urlDefaults: [app, ...chain].flatMap(hooks => hooks.urlDefaults),
      limits: resolveLimits(appOptions.limits, options.limits),
      usesProblemDetails: appOptions.problemDetails ?? (input !== undefined || options.response !== undefined),
      declared: options,
      guards: [app, ...chain].flatMap(hooks => hooks.guards),
    }),
  }
}

/** `'admin.users'` → `['admin.users', 'admin']` */
const chainOf = (blueprint: string): string[] =>
  blueprint === '' ? [] : [blueprint, ...chainOf(blueprint.slice(0, Math.max(0, blueprint.lastIndexOf('.'))))]

const unlessEmpty = <T extends object>(values: T): T | undefined =>
  Object.keys(values).length > 0 ? values : undefined

/**
 * The hooks in their order for a chain of blueprints. The application is first on the way in and last on the way out.
 */
function pipelineOf(
  app: Hooks,
  chain: readonly Hooks[],
  view: BoundView,
  input?: Pipeline['before'][number],
): Pipeline {
  const inwards = [app, ...chain]
  const outwards = [...inwards].reverse()
  return Object.freeze({
    preprocessors: inwards.flatMap(hooks => hooks.preprocessors),
    before: [...inwards.flatMap(hooks => hooks.before), ...(input === undefined ? [] : [input])],
    view,
    after: outwards.flatMap(hooks => [...hooks.after].reverse()),
    teardown: outwards.flatMap(hooks => [...hooks.teardown].reverse()),
    afterResponse: outwards.flatMap(hooks => [...hooks.afterResponse].reverse()),
    errorHandlers: outwards.map(hooks => hooks.errorHandlers),
  })
}

function named(name: string, view: (exchange: Exchange) => unknown): BoundView {
  return Object.defineProperty(view, 'name', { value: name })
}

function checkedEndpoint(endpoint: unknown, name: string): string {
  if (typeof endpoint === 'string' && endpoint !== '' && !endpoint.includes('.')) return endpoint
  throw new SetupError(
    'BAD_ENDPOINT',
    `${name}: the endpoint ${describe(endpoint)} must be a name without dots. Set one: { endpoint: '…' }.`,
  )
}

/** The names of an entry for `urlFor`: its endpoint, and its alias, which has no blueprint. */
function namesOf({ name, target: { endpoint } }: RouteEntry<PlannedRoute>, { alias }: RouteOptions): string[] {
  return alias === undefined ? [endpoint] : [endpoint, checkedEndpoint(alias, name)]
}

/**
 * Whether a method has its rule a second time, only to have a second endpoint: `@Get('/') @Get('/', { endpoint: 'home' })`.
 * The first answers the requests, as in Flask.
 */
const isSecondEndpoint = (entry: RouteEntry<PlannedRoute>, first: RouteEntry<PlannedRoute>): boolean =>
  entry.name === first.name &&
  entry.rule.source === first.rule.source &&
  entry.target.endpoint !== first.target.endpoint &&
  entry.methods.every(method => first.methods.includes(method))

/** Refuses an endpoint that another method has. The rules of one method may share an endpoint [11.3]. */
function refuseTaken(
  endpoint: string,
  others: RouteEntry<PlannedRoute>[],
  entry: RouteEntry<PlannedRoute>,
): RouteEntry<PlannedRoute>[] {
  const other = others.find(({ name }) => name !== entry.name)
  if (other === undefined) return others
  throw new SetupError(
    'DUPLICATE_ENDPOINT',
    `${entry.name}: the endpoint '${endpoint}' is already in use by ${other.name}. Give one of them another: ` +
      "{ endpoint: '…' }.",
  )
}
