import type Koa from 'koa'
import { current, storage } from './context'
import { toError } from './errors'
import { handleRequest, type Settings } from './lifecycle'
import type { LifecycleOptions } from './options'
import type { Plan } from './plan'
import { Preserved } from './preserved'
import { RequestContext } from './request-context'
import { koaSession, nullSession, outerSession, type Keys, type SessionInterface } from './session'
import type { Context, Response } from './types'

/** A plan at work on Koa. */
export interface Lifecycle {
  readonly plan: Plan
  readonly settings: Settings
  readonly middleware: Koa.Middleware
  /** The secrets of the option `secretKey`. */
  readonly keys: readonly string[] | undefined
  /** Where a failed request's teardown waits; `undefined` when none ever does. */
  readonly preserved: Preserved | undefined
  sessionOf(app: Koa): SessionInterface
  report(error: Error, ctx: Context): void
}

const lifecycles = new WeakMap<Koa.Middleware, Lifecycle>()

/** The lifecycle of an application that `bootstrap` made or that uses `lifecycle(...)`. */
export function lifecycleIn(app: Koa): Lifecycle | undefined {
  return app.middleware
    .map(middleware => lifecycles.get(middleware as Koa.Middleware))
    .find(found => found !== undefined)
}

export function lifecycleOf(plan: Plan, options: LifecycleOptions): Lifecycle {
  const { secretKey, debug = false, preserveContextOnException = debug } = options
  const keys = typeof secretKey === 'string' ? [secretKey] : secretKey
  const preserved = preserveContextOnException ? new Preserved() : undefined
  const sessionOf = sessionChooser(options, keys)
  const middleware: Koa.Middleware = async (ctx, next) => {
    if (preserved !== undefined) await preserved.release()
    const request = new RequestContext(ctx as Context, self, next)
    await storage.run(request, handleRequest<Context, Response>, request)
  }
  const self: Lifecycle = { plan, settings: plan.settings, middleware, keys, preserved, sessionOf, report: reporter() }
  lifecycles.set(middleware, self)
  return self
}

/** Which sessions an application has, found out at its first request: an existing one may get its keys at any time. */
function sessionChooser(options: LifecycleOptions, keys: readonly string[] | undefined) {
  const chosen = new WeakMap<Koa, SessionInterface>()
  const unsigned = options.session?.signed === false
  const own = keys !== undefined || unsigned ? koaSession(options.session ?? {}, keys as Keys) : undefined
  return (app: Koa): SessionInterface => {
    let found = chosen.get(app)
    if (found === undefined) {
      const outer = 'session' in app.context && options.session === undefined
      found = own ?? (outer ? outerSession : app.keys ? koaSession(options.session ?? {}, app.keys) : nullSession)
      chosen.set(app, found)
      if (found !== outerSession) extend(app)
    }
    return found
  }
}

/** `ctx.session`, as Koa's users know it. */
function extend(app: Koa): void {
  Object.defineProperty(app.context, 'session', { get: () => current('ctx.session').session, configurable: true })
}

/** Each error is told once, as the application's `error` event. A listener that throws can't stop the lifecycle. */
function reporter() {
  const told = new WeakSet<Error>()
  return (error: Error, ctx: Context): void => {
    if (told.has(error)) return
    told.add(error)
    try {
      ctx.app.emit('error', error, ctx)
    } catch (failure) {
      console.error('A listener for the error event threw', toError(failure), 'while it was told of', error)
    }
  }
}
