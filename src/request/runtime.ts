import type Koa from 'koa'
import type { Plan } from '../plan/plan'
import type { AppBindings } from './app-binding'
import type { DeferredTeardown } from './deferred-teardown'

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
}

/** By middleware, because an application is only a list of these: so a runtime is found in any Koa application that uses it. */
const runtimes = new WeakMap<Koa.Middleware, Runtime>()

/** Whether any application was made with `asyncContext: false`, for what an error says. */
export let isContextLimited = false

export function registerRuntime(runtime: Runtime): void {
  runtimes.set(runtime.middleware, runtime)
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
