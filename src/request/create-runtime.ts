import type Koa from 'koa'
import { isHostAcceptable } from '../connection/host'
import { trustedHosts } from '../connection/trusted-hosts'
import { syncCapable } from '../engine/application'
import { handleRequest } from '../lifecycle/lifecycle'
import { isDebug, type LifecycleOptions } from '../plan/options'
import type { Plan } from '../plan/plan'
import type { Context } from '../types'
import { AppBindings } from './app-binding'
import { AppContext } from './app-context'
import { ApplicationStart } from './application-start'
import { DeferredTeardown } from './deferred-teardown'
import { RequestContext } from './request-context'
import { endRequest } from './request-end'
import { globalsOf, sessionOf } from './request-of'
import { registerRuntime, type Runtime } from './runtime'
import { withServerTiming } from './server-timing'
import { runCoroutineIn } from './storage'

/** Makes the one middleware of a plan. */
export function createRuntime(plan: Plan, options: LifecycleOptions): Runtime {
  const { secretKey, baseUrl, requestTimeout, asyncContext = true } = options
  const debug = isDebug(options)
  const { preserveContextOnException = debug, serverTiming = debug } = options
  const keys = typeof secretKey === 'string' ? [secretKey] : secretKey
  const deferredTeardown = preserveContextOnException ? new DeferredTeardown() : undefined
  const bindings = new AppBindings(options.session, keys, { globalsOf, sessionOf }, plan.extensions)
  const handle = (ctx: Koa.Context, next: Koa.Next): unknown => {
    const request = new RequestContext(ctx as Context, runtime, next)
    return runCoroutineIn(request, handleRequest(request, endRequest), request)
  }
  const timed = serverTiming ? withServerTiming(handle) : handle
  const middleware: Koa.Middleware =
    deferredTeardown === undefined ? timed : (ctx, next) => deferredTeardown.flush().then(() => timed(ctx, next))
  const acceptsHost = hostCheck(options.trustedHosts)
  const runtime: Runtime = {
    plan,
    middleware,
    baseUrl,
    acceptsHost,
    requestTimeout,
    asyncContext,
    keys,
    deferredTeardown,
    bindings,
    start: new ApplicationStart(plan.onStart, app => new AppContext(app, runtime, undefined)),
  }
  registerRuntime(runtime)
  syncCapable.add(middleware)
  return runtime
}

function hostCheck(names: LifecycleOptions['trustedHosts']): Runtime['acceptsHost'] {
  if (names === undefined) return isHostAcceptable
  const isTrusted = trustedHosts(names)
  return ctx => isHostAcceptable(ctx) && isTrusted(ctx.host)
}
