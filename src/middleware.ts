import type Koa from 'koa'
import { runIn } from './context'
import { doneOnReturn } from './engine/application'
import { Installations } from './installation'
import type { Settings } from './exchange'
import { handleRequest } from './lifecycle'
import type { LifecycleOptions } from './options'
import type { Plan } from './plan'
import { Preserved } from './preserved'
import { RequestContext } from './request-context'
import { run } from './steps'
import type { Context, Response } from './types'

/** A plan at work on Koa. */
export interface Lifecycle {
  readonly plan: Plan
  readonly settings: Settings
  readonly middleware: Koa.Middleware
  /** The option of that name. */
  readonly baseUrl: string | undefined
  /** The option of that name, in milliseconds. */
  readonly requestTimeout: number | undefined
  /** The secrets of the option `secretKey`. */
  readonly keys: readonly string[] | undefined
  /** Where a failed request's teardown waits; `undefined` when none ever does. */
  readonly preserved: Preserved | undefined
  readonly installations: Installations
}

const lifecycles = new WeakMap<Koa.Middleware, Lifecycle>()

/** The lifecycle of an application that `bootstrap` made or that uses `lifecycle(...)`. */
export const lifecycleIn = (app: Koa): Lifecycle | undefined => lifecyclesIn(app)[0]

/** All of them, in their order. */
export function lifecyclesIn(app: Koa): Lifecycle[] {
  return app.middleware.flatMap(middleware => lifecycles.get(middleware) ?? [])
}

/** The same, or a TypeError that says what `user` needs. */
export function requireLifecycle(app: Koa, user: string): Lifecycle {
  const lifecycle = lifecycleIn(app)
  if (lifecycle !== undefined) return lifecycle
  throw new TypeError(`${user} needs an application from bootstrap(...), or one that uses lifecycle(...)`)
}

export function lifecycleOf(plan: Plan, options: LifecycleOptions): Lifecycle {
  const { secretKey, baseUrl, requestTimeout, debug = false, preserveContextOnException = debug } = options
  const keys = typeof secretKey === 'string' ? [secretKey] : secretKey
  const preserved = preserveContextOnException ? new Preserved() : undefined
  const installations = new Installations(options.session, keys)
  const handle = (ctx: Koa.Context, next: Koa.Next) => {
    const request = new RequestContext(ctx as Context, self, next)
    return runIn(request, run<void>, handleRequest<Context, Response>(request), request)
  }
  const middleware: Koa.Middleware =
    preserved === undefined ? handle : (ctx, next) => preserved.release().then(() => handle(ctx, next))
  const self: Lifecycle = {
    plan,
    settings: plan.settings,
    middleware,
    baseUrl,
    requestTimeout,
    keys,
    preserved,
    installations,
  }
  lifecycles.set(middleware, self)
  doneOnReturn.add(middleware)
  return self
}
