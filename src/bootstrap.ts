import type Koa from 'koa'
import { checkedClass } from './plan/instance'
import { Controllers } from './plan/controllers'
import type { Class } from './decorators/types'
import { debugPage } from './devtools/debug-page'
import { createApplication } from './engine/create-application'
import { bindAfter } from './engine/late-binding'
import type { Application, BootstrappedApplication } from './events'
import { createRuntime } from './request/create-runtime'
import { isClientError } from './request/client-error'
import { originalOf } from './request/error-for-koa'
import { logUnhandled } from './request/log'
import { setLogger } from './request/loggers'
import { bindRuntime, type Runtime } from './request/runtime'
import { recordCall } from './request/timeline'
import { watchOf } from './request/watch-methods'
import { checkExtensionOptions, checkLifecycleExtension, checkOptions, checkTogether } from './plan/check-options'
import type { Extension } from './plan/extension'
import { extend } from './plan/extensions'
import type { BootstrapOptions, LifecycleOptions, RootedOptions } from './plan/options'
import { buildPlan } from './plan/plan'

/**
 * Makes a Koa application from a controller class: `bootstrap(AppController).listen(5000)`. Reads the decorators once.
 * The result is an ordinary Koa application with one middleware, to which you can add more.
 *
 * @param controller the application's class, whose hooks run for every request
 * @throws SetupError for every mistake in the controllers and options
 */
export function bootstrap(controller: Class, options: BootstrapOptions = {}): BootstrappedApplication {
  checkOptions(options, 'bootstrap')
  const extended = extend(options, bootstrap, checkExtensionOptions)
  checkTogether(extended, 'bootstrap')
  const { middleware = [], logger = console, koa, ...rest } = extended.options
  const run = createLifecycle(controller, rest, extended.extensions)
  const app: Application = createApplication({
    ...(run.keys === undefined ? {} : { keys: run.keys as string[] }),
    ...koa,
  })
  setLogger(app, logger)
  const isLogged = !(options.testing === true && run.plan.settings.propagateExceptions)
  app.on('error', (thrown: Error, ctx?: Koa.Context) => {
    const error = originalOf(thrown)
    if (isLogged && !(ctx !== undefined && isClientError(error, ctx))) logUnhandled(logger, error, ctx)
  })
  if (options.debug) app.use(debugPage(options.debug === true ? [] : options.debug.show))
  for (const each of middleware) app.use(each)
  app.use(run.middleware)
  bindRuntime(app, run)
  run.bindings.prepare(app)
  waitForStart(app, run)
  closeWithServer(app, run)
  return app as BootstrappedApplication
}

/**
 * Makes one Koa middleware from a controller class, for a Koa application of your own. For a URL that matches no rule,
 * the hooks run and the middleware after this one is called between them; if that does not answer either, the response
 * is what the middleware before this one has answered, or else a 404 or a 405.
 *
 * @throws SetupError as `bootstrap` does
 */
export function lifecycle(controller: Class, options: LifecycleOptions = {}): Koa.Middleware {
  checkOptions(options, 'lifecycle')
  const extended = extend(options, lifecycle, checkLifecycleExtension)
  checkTogether(extended, 'lifecycle')
  return createLifecycle(controller, extended.options, extended.extensions).middleware
}

function createLifecycle(controller: Class, options: RootedOptions, extensions: readonly Extension[]): Runtime {
  const { blueprints = [], resolve = (cls: Class) => new cls() } = options
  const { debug = false, serverTiming = false } = options
  const watch = watchOf(debug || serverTiming ? recordCall : undefined)
  const controllers = new Controllers(
    checkedClass(controller, 'the application'),
    blueprints,
    resolve,
    watch,
    extensions,
  )
  return createRuntime(buildPlan(controllers, options, watch), options)
}

/** Adds `ready`, and has servers bind when the `@OnStart` methods have run. */
function waitForStart(app: Koa, { start }: Runtime): void {
  const ready = () => start.run(app)
  bindAfter(app, () => (start.hasPassed ? undefined : ready()))
  Object.defineProperty(app, 'ready', { value: ready, configurable: true, writable: true })
}

/** Runs a teardown that debug mode has deferred when the server closes [7.7]. */
function closeWithServer(app: Koa, { deferredTeardown }: Runtime): void {
  if (deferredTeardown === undefined) return
  const listen = app.listen.bind(app) as (...args: unknown[]) => ReturnType<Koa['listen']>
  app.listen = (...args: unknown[]) => listen(...args).once('close', () => void deferredTeardown.flush())
}
