import type { Http2ServerResponse } from 'node:http2'
import type Koa from 'koa'
import { checkedClass } from './controller'
import { Controllers } from './controllers'
import { debugPage } from './debug-page'
import type { Class } from './decorator-types'
import { Application } from './engine/application'
import { breakOff } from './engine/break-off'
import { toError } from './errors'
import { lifecycleOf, type Lifecycle } from './middleware'
import { checkOptions, settingsOf, type BootstrapOptions, type LifecycleOptions } from './options'
import { buildPlan } from './plan'
import { addSignal, isGivenUp } from './signal'
import { isNews, tellOfListener } from './told'

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
  const app = new Application({
    ...(run.keys === undefined ? {} : { keys: run.keys as string[] }),
    ...koa,
  })
  app.on('error', (error: Error, ctx?: Koa.Context) => {
    if (logger !== false && !(options.testing === true && run.settings.propagateExceptions))
      logUnhandled(logger, error, ctx)
  })
  if (options.debug === true) app.use(debugPage)
  for (const each of middleware) app.use(each)
  app.use(run.middleware)
  addSignal(app)
  closeWithServer(app, run)
  tellOnce(app)
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

function createLifecycle(controller: Class, options: LifecycleOptions): Lifecycle {
  const { blueprints = [], resolve = (cls: Class) => new cls(), converters = {} } = options
  const controllers = new Controllers(checkedClass(controller, 'the application'), blueprints, resolve)
  return lifecycleOf(buildPlan(controllers, converters, settingsOf(options)), options)
}

function logUnhandled(logger: Pick<Console, 'error'>, error: Error, ctx: Koa.Context | undefined): void {
  const where = ctx === undefined ? '' : ` on ${ctx.path} [${ctx.method}]`
  logger.error(`Exception${where}\n${error.stack ?? String(error)}`)
}

/** A teardown that debug mode keeps back must not be lost when the server closes (docs/rules.md 7.7). */
function closeWithServer(app: Koa, { preserved }: Lifecycle): void {
  if (preserved === undefined) return
  const listen = app.listen.bind(app) as (...args: unknown[]) => ReturnType<Koa['listen']>
  app.listen = (...args: unknown[]) => listen(...args).once('close', () => void preserved.release())
}

/**
 * Koa tells of an error in a stream twice, and of a client that goes away before a stream's end as if it were one. It can't
 * write down every value that may be thrown, and what a listener throws would end the process.
 */
function tellOnce({ context }: Koa): void {
  const original = Object.getPrototypeOf(context) as Koa.BaseContext
  const told = new WeakSet<Koa.Context>()
  const onerror = function (this: Koa.Context, thrown: unknown) {
    if (thrown === null || thrown === undefined || isOfConnection(this, thrown) || !isNews(this, thrown)) return
    const isEcho = told.has(this) && isDestroyed(this)
    if (isEcho) return
    told.add(this)
    try {
      original.onerror.call(this, forKoa(thrown))
    } catch (failure) {
      tellOfListener(failure, thrown)
      if (!this.res.writableEnded) breakOff(this.res)
    }
  }
  Object.defineProperty(context, 'onerror', { value: onerror, writable: true, configurable: true })
}

/** Koa writes to an error, and writes down as JSON what is none. */
function forKoa(thrown: unknown): Error {
  if (thrown instanceof Error) return Object.isExtensible(thrown) ? thrown : (Object.create(thrown) as Error)
  try {
    JSON.stringify(thrown)
    return thrown as Error
  } catch {
    return toError(thrown)
  }
}

/** Whether an error tells no more than that the connection is gone, or that the response was broken off on purpose. */
function isOfConnection(ctx: Koa.Context, error: unknown): boolean {
  const { code, rawPacket } = Object(error) as NodeJS.ErrnoException & { rawPacket?: unknown }
  const { stream } = ctx.res as unknown as Partial<Http2ServerResponse>
  const isPremature = isDestroyed(ctx) && code === 'ERR_STREAM_PREMATURE_CLOSE'
  if (isPremature && isGivenUp(ctx)) return true
  // HTTP/2's name for the same.
  if (code === 'ERR_HTTP2_STREAM_ERROR') return true
  // What the application broke off itself, a stream's error for instance, is the response's error as well.
  if ((stream ?? ctx.res).errored) return false
  if (stream !== undefined) return isPremature
  const { errored } = ctx.req.socket
  // What Node could not read behind a request may be told by a socket that was reset meanwhile.
  return isPremature || error === errored || (errored !== null && rawPacket !== undefined)
}

/** HTTP/2's responses leave it to their stream to know. */
const isDestroyed = ({ res }: Koa.Context): boolean =>
  ((res as unknown as Partial<Http2ServerResponse>).stream ?? res).destroyed
