import type Koa from 'koa'
import { current, storage } from './context'
import { handleRequest, type Settings } from './lifecycle'
import type { LifecycleOptions } from './options'
import type { Plan } from './plan'
import { Preserved } from './preserved'
import { RequestContext } from './request-context'
import { koaSession, nullSession, outerSession, sharedSession, type Keys, type SessionInterface } from './session'
import type { Context, Response } from './types'

/** A plan at work on Koa. */
export interface Lifecycle {
  readonly plan: Plan
  readonly settings: Settings
  readonly middleware: Koa.Middleware
  /** The option of that name. */
  readonly baseUrl: string | undefined
  /** The secrets of the option `secretKey`. */
  readonly keys: readonly string[] | undefined
  /** Where a failed request's teardown waits; `undefined` when none ever does. */
  readonly preserved: Preserved | undefined
  /** @param enclosing the request in a lifecycle around this one, when an application has two */
  sessionOf(app: Koa, enclosing?: RequestContext): SessionInterface
}

const lifecycles = new WeakMap<Koa.Middleware, Lifecycle>()

/** The lifecycle of an application that `bootstrap` made or that uses `lifecycle(...)`. */
export function lifecycleIn(app: Koa): Lifecycle | undefined {
  return app.middleware.map(middleware => lifecycles.get(middleware)).find(found => found !== undefined)
}

/** The same, or a TypeError that says what `user` needs. */
export function requireLifecycle(app: Koa, user: string): Lifecycle {
  const lifecycle = lifecycleIn(app)
  if (lifecycle !== undefined) return lifecycle
  throw new TypeError(`${user} needs an application from bootstrap(...), or one that uses lifecycle(...)`)
}

export function lifecycleOf(plan: Plan, options: LifecycleOptions): Lifecycle {
  const { secretKey, baseUrl, debug = false, preserveContextOnException = debug } = options
  const keys = typeof secretKey === 'string' ? [secretKey] : secretKey
  const preserved = preserveContextOnException ? new Preserved() : undefined
  const sessionOf = sessionChooser(options, keys)
  const middleware: Koa.Middleware = async (ctx, next) => {
    if (preserved !== undefined) await preserved.release()
    const request = new RequestContext(ctx as Context, self, next)
    await storage.run(request, handleRequest<Context, Response>, request)
  }
  const self: Lifecycle = { plan, settings: plan.settings, middleware, baseUrl, keys, preserved, sessionOf }
  lifecycles.set(middleware, self)
  return self
}

/** Which sessions an application has, found out at its first request: an existing one may get its keys at any time. */
function sessionChooser(options: LifecycleOptions, keys: readonly string[] | undefined): Lifecycle['sessionOf'] {
  const chosen = new WeakMap<Koa, SessionInterface>()
  const signedBy = koaSession(options.session ?? {})
  const own = keys !== undefined || options.session?.signed === false ? signedBy(keys) : undefined
  const shares = own === undefined && options.session === undefined
  return (app, enclosing) => {
    let found = chosen.get(app)
    if (found === undefined) {
      const appKeys = app.keys as Keys | undefined // Koa's type leaves out that there may be none
      const taken = 'session' in app.context && !extended.has(app)
      found = own ?? (taken && shares ? outerSession : appKeys ? signedBy(appKeys) : nullSession)
      chosen.set(app, found)
      if (!taken) extend(app)
    }
    return shares && enclosing !== undefined ? sharedSession(enclosing.session) : found
  }
}

/** Applications whose `ctx.session` comes from here. */
const extended = new WeakSet<Koa>()

/** `ctx.session`, as Koa's users know it. */
function extend(app: Koa): void {
  extended.add(app)
  Object.defineProperty(app.context, 'session', { get: () => current('ctx.session').session, configurable: true })
}
