import type { DeclaredRoute } from '../decorators/route-options'
import { inputStep } from '../input/input-step'
import { resolveLimits, type ResolvedLimits } from '../input/limits'
import type { Pipeline } from '../lifecycle/exchange'
import type { Watch } from '../lifecycle/watch'
import type { ConverterDefinition } from '../routing/converters'
import type { RouteEntry } from '../routing/router'
import { joinRules } from '../routing/join-rules'
import { Rule } from '../routing/rule'
import type { JsonSchemas } from '../schema/json-schema'
import { viewOf, viewWithInput, withAnswers, withAwaited } from './bound-view'
import { checkRouteOptions } from './check-options'
import { Hooks, type View } from './controller'
import type { Scope } from './controllers'
import { checkedEndpoint } from './endpoints'
import { methodsOf, withAutomatic } from './methods'
import { isDebug, type LifecycleOptions } from './options'
import { named, pipelineOf } from './pipeline'

/** One rule of one view, with everything that runs for it. */
export interface PlannedRoute {
  /** The rule as it is written, with the prefixes of its blueprints in front. */
  readonly rule: string
  readonly endpoint: string
  readonly blueprint: string
  /** The blueprint and those around it, innermost first. */
  readonly blueprints: readonly string[]
  /** The method itself, bound and named `Class.method`: `pipeline.view` calls it. */
  readonly call: View['call']
  readonly pipeline: Pipeline
  /** Whether the last of the before methods is flaskoa's own: it reads the input that the route declares. */
  readonly hasInput: boolean
  /** The blueprint of each of the pipeline's scopes of error handlers; empty for the application. */
  readonly errorScopes: readonly string[]
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
  readonly additions: Hooks['additions']
}

/** What the routes of an application have in common. */
export interface RouteSetup {
  readonly app: Hooks
  readonly converters: Readonly<Record<string, ConverterDefinition>>
  readonly schemas: JsonSchemas
  readonly options: LifecycleOptions
  readonly watch: Watch | undefined
}

/** Makes the route of one rule of a view, for the router. @throws SetupError for what can't work */
export function routeEntry(
  { app, converters, schemas, options: appOptions, watch }: RouteSetup,
  scope: Scope,
  view: View,
): RouteEntry<PlannedRoute> {
  const { name: blueprint, prefix, defaults, apart } = scope
  const { call, options } = view
  const { name } = call
  const where = `${name}: ${view.decorator}`
  const methods = methodsOf(view)
  checkRouteOptions(options, view.verb, appOptions.limits, where)
  const rule = Rule.parse(joinRules(prefix, view.rule), converters, name)
  const automaticOptions = options.provideAutomaticOptions ?? !methods.includes('OPTIONS')
  // Only the view's own rule and defaults decide whether it gets values. Variables of the prefix alone are in
  // ctx.params.
  const takesValues = view.rule.includes('<') || Object.keys(options.defaults ?? {}).length > 0
  const names = [...rule.variables.map(variable => variable.name), ...Object.keys({ ...defaults, ...options.defaults })]
  const input = inputStep(options, schemas, names, where)
  const run = input === undefined ? viewOf(call, takesValues) : viewWithInput(call)
  const isStrict = isDebug(appOptions) || appOptions.testing === true
  const strictRun = isStrict ? withAwaited(run, name) : run
  const checkedRun = withAnswers(strictRun, options.response, {
    name,
    where,
    schemas,
    mode: appOptions.responseMismatch,
  })
  const inwards = hooksAround(app, scope)
  const isApart = apart !== undefined
  const watchedInput = input && watch ? watch(input, 'input') : input
  const endpoint = (blueprint === '' ? '' : `${blueprint}.`) + checkedEndpoint(options.endpoint ?? view.method, name)
  const pipeline = pipelineOf(inwards, named(name, checkedRun), endpoint, { input: watchedInput, isApart })
  const blueprints = Object.freeze(chainOf(blueprint))
  return {
    rule,
    methods: withAutomatic(methods, automaticOptions),
    strictSlashes: options.strictSlashes ?? true,
    defaults: unlessEmpty({ ...defaults, ...options.defaults }),
    name,
    target: Object.freeze({
      rule: rule.source,
      endpoint,
      blueprint,
      blueprints,
      call,
      pipeline,
      hasInput: input !== undefined,
      errorScopes: errorScopesOf(inwards, blueprints),
      options: automaticOptions
        ? pipelineOf(
            inwards,
            named(name, exchange => exchange.answerOptions()),
            endpoint,
            { isApart },
          )
        : undefined,
      urlDefaults: [app, ...scope.chain].flatMap(hooks => hooks.urlDefaults),
      limits: resolveLimits(appOptions.limits, options.limits),
      usesProblemDetails: appOptions.problemDetails ?? (input !== undefined || options.response !== undefined),
      declared: options,
      // A before method with `only` or `except` may not run here.
      guards: inwards
        .flatMap(hooks => hooks.guards)
        .filter(({ call }) => (pipeline.before as readonly unknown[]).includes(call)),
      additions: inwards.flatMap(hooks => hooks.additions),
    }),
  }
}

/** The hooks that run for the routes of a scope. */
function hooksAround(app: Hooks, { chain, apart }: Scope): readonly Hooks[] {
  const inwards = [app, ...chain]
  if (apart === undefined) return inwards
  if (!apart.isLogged) return []
  return inwards.map(({ afterResponse, filters }) => Object.assign(new Hooks(), { afterResponse, filters }))
}

/** The names of the scopes that `pipelineOf` keeps. @param blueprints innermost first, without the application */
const errorScopesOf = (inwards: readonly Hooks[], blueprints: readonly string[]): string[] =>
  [...inwards].reverse().flatMap(({ errorHandlers }, index) => (errorHandlers.isEmpty ? [] : [blueprints[index] ?? '']))

/** `'admin.users'` → `['admin.users', 'admin']` */
const chainOf = (blueprint: string): string[] =>
  blueprint === '' ? [] : [blueprint, ...chainOf(blueprint.slice(0, Math.max(0, blueprint.lastIndexOf('.'))))]

const unlessEmpty = <T extends object>(values: T): T | undefined =>
  Object.keys(values).length > 0 ? values : undefined
