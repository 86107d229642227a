import type Koa from 'koa'
import { checkedClass } from './plan/controller'
import { Controllers } from './plan/controllers'
import { debugPage } from './response/debug-page'
import type { Class } from './decorators/types'
import { createApplication } from './engine/create-application'
import { createRuntime } from './request/create-runtime'
import type { Runtime } from './request/runtime'
import { checkOptions } from './plan/check-options'
import { settingsOf, type BootstrapOptions, type LifecycleOptions } from './plan/options'
import { buildPlan } from './plan/plan'
import { addSignal } from './connection/abort-signal'
import { dedupeKoaErrors } from './request/dedupe-koa-errors'

/**
 * Makes a Koa application of a controller class: `bootstrap(AppController).listen(5000)`. Reads the decorators once; the
 * application that results is an ordinary Koa application with one middleware, and more can be added.
 *
 * @param controller its hooks run for every request
 * @throws SetupError for every mistake in how controllers and options are put together
 */
export function bootstrap(controller: Class, options: BootstrapOptions = {}): Koa {
  checkOptions(options, 'bootstrap')
  const { middleware = [], logger = console, koa, ...rest } = options
  const run = createLifecycle(controller, rest)
  const app = createApplication({
    ...(run.keys === undefined ? {} : { keys: run.keys as string[] }),
    ...koa,
  })
  app.on('error', (error: Error, ctx?: Koa.Context) => {
    if (logger !== false && !(options.testing === true && run.plan.settings.propagateExceptions))
      logUnhandled(logger, error, ctx)
  })
  if (options.debug === true) app.use(debugPage)
  for (const each of middleware) app.use(each)
  app.use(run.middleware)
  addSignal(app)
  closeWithServer(app, run)
  dedupeKoaErrors(app)
  return app
}

/**
 * The same as one middleware, for a Koa application of your own. A URL that no rule has goes on to the middleware after
 * it, inside the hooks; if nobody answers there either it is a 404, or a 405.
 *
 * @throws SetupError as `bootstrap` does
 */
export function lifecycle(controller: Class, options: LifecycleOptions = {}): Koa.Middleware {
  checkOptions(options, 'lifecycle')
  return createLifecycle(controller, options).middleware
}

function createLifecycle(controller: Class, options: LifecycleOptions): Runtime {
  const { blueprints = [], resolve = (cls: Class) => new cls(), converters = {} } = options
  const controllers = new Controllers(checkedClass(controller, 'the application'), blueprints, resolve)
  return createRuntime(buildPlan(controllers, converters, settingsOf(options)), options)
}

function logUnhandled(logger: Pick<Console, 'error'>, error: Error, ctx: Koa.Context | undefined): void {
  const where = ctx === undefined ? '' : ` on ${ctx.path} [${ctx.method}]`
  logger.error(`Exception${where}\n${error.stack ?? String(error)}`)
}

/** A teardown that debug mode keeps back must not be lost when the server closes (docs/rules.md 7.7). */
function closeWithServer(app: Koa, { deferredTeardown }: Runtime): void {
  if (deferredTeardown === undefined) return
  const listen = app.listen.bind(app) as (...args: unknown[]) => ReturnType<Koa['listen']>
  app.listen = (...args: unknown[]) => listen(...args).once('close', () => void deferredTeardown.flush())
}
