import { FirstRequest } from '../lifecycle/first-request'
import type { LifecycleSettings, Pipeline } from '../lifecycle/exchange'
import type { Watch } from '../lifecycle/watch'
import { resolveLimits, type ResolvedLimits } from '../input/limits'
import { builtInConverters } from '../routing/built-in-converters'
import { Router, type RouteEntry } from '../routing/router'
import { JsonSchemas } from '../schema/json-schema'
import type { Hooks } from './controller'
import type { Controllers } from './controllers'
import { commandsOf, type PlannedCommand } from './commands'
import { isSecondEndpoint, namesOf, refuseTaken } from './endpoints'
import type { Extension } from './extension'
import { isDebug, lifecycleSettings, type RootedOptions } from './options'
import { named, pipelineOf } from './pipeline'
import { routeEntry, type PlannedRoute, type RouteSetup } from './planned-route'

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
  readonly beforeFirst: Hooks['beforeFirst']
  readonly onStart: Hooks['onStart']
  readonly onShutdown: Hooks['onShutdown']
  readonly teardownAppContext: Hooks['teardownAppContext']
  readonly urlBuildErrors: Hooks['urlBuildErrors']
  /** Of the application alone; a route has those of its blueprints as well. */
  readonly additions: Hooks['additions']
  readonly commands: readonly PlannedCommand[]
  readonly extensions: readonly Extension[]
  /** The application's folder, an absolute path: the option `root`, or its default. */
  readonly root: string
  readonly limits: ResolvedLimits
  readonly usesProblemDetails: boolean
  /** The option `debug`. */
  readonly isDebug: boolean
  /** Whether errors of `abort` have a stack. */
  readonly keepsStacks: boolean
  readonly schemas: JsonSchemas
  /** For functions that a request registers; `undefined` if methods are not watched. */
  readonly watch: Watch | undefined
}

/** Makes the plan from the controllers: checks every rule and puts every list of hooks in its order. */
export function buildPlan({ app, scopes, extensions }: Controllers, options: RootedOptions, watch?: Watch): Plan {
  const router = new Router<PlannedRoute>()
  const endpoints = new Map<string, RouteEntry<PlannedRoute>[]>()
  const setup: RouteSetup = {
    app,
    converters: { ...builtInConverters, ...options.converters },
    schemas: new JsonSchemas(options.toJsonSchema),
    options,
    watch,
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
    [app],
    named('the application', exchange => exchange.callNext()),
    undefined,
  )
  // Nested blueprints have the hooks of those around them in their chains as well.
  const allHooks = [...new Set([app, ...scopes.flatMap(({ chain }) => chain)])]
  const teardownAppContext = [...app.teardownAppContext].reverse()
  const firstRequest = new FirstRequest(app.beforeFirst, app.onStart.length > 0)
  const plan = Object.freeze({
    settings: lifecycleSettings(options),
    router,
    endpoints,
    unmatched,
    firstRequest,
    hasAfterResponse: allHooks.some(hooks => hooks.afterResponse.length > 0),
    beforeFirst: app.beforeFirst,
    onStart: app.onStart,
    onShutdown: app.onShutdown,
    teardownAppContext,
    urlBuildErrors: app.urlBuildErrors,
    additions: app.additions,
    commands: commandsOf(scopes, setup.schemas),
    extensions,
    root: options.root,
    limits: resolveLimits(options.limits),
    usesProblemDetails: options.problemDetails ?? false,
    isDebug: isDebug(options),
    keepsStacks: isDebug(options) || Boolean(options.testing) || Boolean(options.trapHttpExceptions),
    schemas: setup.schemas,
    watch,
  })
  const isApart = (endpoint: string) => endpoints.get(endpoint)?.[0]?.target.pipeline.isApart === true
  for (const { filters } of allHooks) for (const filter of filters.values()) filter.assertKnown(isApart)
  for (const check of app.checks) check(plan)
  return plan
}
