import type Koa from 'koa'
import type { Plan } from '../plan/plan'
import type { AppBindings } from './app-binding'
import type { DeferredTeardown } from './deferred-teardown'

/** The `@OnStart` methods of one lifecycle. */
export interface Start {
  /** Whether all methods have run. */
  readonly hasPassed: boolean
  /** The name of the method that is running. */
  readonly running: string | undefined
  /** Runs them, once. Rejects with a StartError when one has failed. Later calls return the same promise. */
  run(app: Koa): Promise<void>
  /** The same, with an error of its own for each request: its handlers may change it. */
  runForRequest(app: Koa): Promise<void>
  /** Resolves when no method is running: they have ended, well or not, or were never started. */
  ended(): Promise<void>
}

/** A plan at work on Koa: what `bootstrap` and `lifecycle` make. */
export interface Runtime {
  readonly plan: Plan
  readonly middleware: Koa.Middleware
  /** The option of that name. */
  readonly baseUrl: string | undefined
  /** Whether the request's host is well formed and, with the option `trustedHosts`, one of these. */
  readonly acceptsHost: (ctx: Koa.Context) => boolean
  /** The option of that name, in milliseconds. */
  readonly requestTimeout: number | undefined
  /** The option of that name. */
  readonly asyncContext: boolean
  /** The secrets of the option `secretKey`. */
  readonly keys: readonly string[] | undefined
  /** Where a failed request's teardown waits; `undefined` when none ever does. */
  readonly deferredTeardown: DeferredTeardown | undefined
  readonly bindings: AppBindings
  readonly start: Start
}

/** By middleware, because an application is only a list of these: so a runtime is found in any Koa application that uses it. */
const runtimes = new WeakMap<Koa.Middleware, Runtime>()

/** Whether any application was made with `asyncContext: false`, for what an error says. */
export let isContextLimited = false

/** On each middleware of a lifecycle, for other copies of flaskoa: they can't use it, and say so. */
const LIFECYCLE = Symbol.for('flaskoa:lifecycle')

export function registerRuntime(runtime: Runtime): void {
  runtimes.set(runtime.middleware, runtime)
  Object.defineProperty(runtime.middleware, LIFECYCLE, { value: true })
  if (!runtime.asyncContext) isContextLimited = true
}

/** By application of `bootstrap`: a monitoring agent may have put a function of its own into the place of each middleware. */
const ownRuntimes = new WeakMap<Koa, Runtime>()

export function bindRuntime(app: Koa, runtime: Runtime): void {
  ownRuntimes.set(app, runtime)
}

/** The runtime of an application that `bootstrap` made or that uses `lifecycle(...)`: the first if it has several. */
export const runtimeOf = (app: Koa): Runtime | undefined => runtimesOf(app)[0]

/** All runtimes of an application, in their order. */
export function runtimesOf(app: Koa): Runtime[] {
  const found = app.middleware.flatMap(middleware => runtimes.get(middleware) ?? [])
  const own = ownRuntimes.get(app)
  return own === undefined || found.includes(own) ? found : [own, ...found]
}

/** Whether an application has a lifecycle of another copy of flaskoa. */
export const hasForeignLifecycle = ({ middleware }: Koa): boolean =>
  middleware.some(each => LIFECYCLE in each && !runtimes.has(each))

/** The same as `runtimeOf`, or a TypeError that says what `user` needs. */
export function requireRuntime(app: Koa, user: string): Runtime {
  const isApp = Array.isArray((app as Koa | undefined)?.middleware)
  const runtime = isApp ? runtimeOf(app) : undefined
  if (runtime !== undefined) return runtime
  throw new TypeError(
    `${user} needs an application from bootstrap(...), or one that uses lifecycle(...). ` +
      'If one is mounted in this application, pass the mounted one',
  )
}
