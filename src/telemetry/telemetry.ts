import type { Context } from '@opentelemetry/api'
import type Koa from 'koa'
import { whenResponseIsOut } from '../connection/abort-signal'
import { checkOptions, TRUE_OR_FALSE, type OptionKind } from '../errors/check-options'
import { isClientError } from '../request/client-error'
import { originalOf } from '../request/error-for-koa'
import { runCallsWith } from '../request/watch-methods'
import { isRegistered, openTelemetryApi, type Api } from './api'
import { requestAttributes, spanName } from './attributes'
import { isInstrumented, isSuppressed, withoutInstrumented } from './foreign-span'
import { inMethodSpan } from './method-spans'
import { instrumentsOf } from './metrics'
import { RequestTelemetry } from './request-telemetry'
import { readIn } from './stream-context'
import { queryRedaction } from './url-query'

/** The options of `telemetry`. */
export interface TelemetryOptions {
  /** Whether each method of a controller has a span of its own. Default false. */
  methods?: boolean | undefined
  /**
   * Whether `http.server.request.duration` is recorded. Default: unless the instrumentation of `http` has made the request's
   * span, because that one records it.
   */
  metrics?: boolean | undefined
  /** Parameters of URLs whose values are secret, besides those of signed URLs: `['token']`. */
  redact?: readonly string[] | undefined
}

const OPTIONS: Readonly<Record<keyof TelemetryOptions, OptionKind>> = {
  methods: TRUE_OR_FALSE,
  metrics: TRUE_OR_FALSE,
  redact: {
    expected: 'a list of texts',
    fits: value => Array.isArray(value) && value.every(each => typeof each === 'string'),
  },
}

/** By Node's request: applications inside of one another have it in common. */
const measured = new WeakMap<object, RequestTelemetry>()

/**
 * Koa middleware for OpenTelemetry: `bootstrap(App, { middleware: [telemetry()] })`, or `app.use(telemetry())` in front of
 * `lifecycle(App)`. Each request has one server span, named by its rule, and is measured by `http.server.request.duration`.
 *
 * @throws SetupError without the package `@opentelemetry/api`, TypeError for options that don't exist
 */
export function telemetry(options: TelemetryOptions = {}): Koa.Middleware {
  const { methods: hasMethods = false, metrics, redact = [] } = checkOptions(options, OPTIONS, 'telemetry')
  const api = openTelemetryApi()
  const redactQuery = queryRedaction(redact)
  const instruments = instrumentsOf(api)
  if (hasMethods) watchMethods(api)
  return (ctx, next) => {
    if (!isRegistered() || measured.has(ctx.req)) return next()
    const active = api.context.active()
    if (isSuppressed(active)) return next()
    const isOwn = !isInstrumented(active, ctx)
    const request = new RequestTelemetry(api, ctx, {
      context: isOwn ? startSpan(api, active, ctx, redactQuery) : active,
      isOwn,
      hasMethods,
      instruments: (metrics ?? isOwn) ? instruments() : undefined,
    })
    measured.set(ctx.req, request)
    watchErrors(ctx.app)
    whenResponseIsOut(ctx, () => {
      request.end()
    })
    return api.context.with(request.context, next).then(() => {
      readIn(api, request.context, ctx.body)
    })
  }
}

/** Returns the context with a new server span, whose parent is the client's, or one of this process that has not ended. */
function startSpan(api: Api, active: Context, ctx: Koa.Context, redactQuery: (query: string) => string): Context {
  const { trace, propagation, SpanKind } = api
  const around = withoutInstrumented(active)
  const isInside = trace.getSpan(around)?.isRecording() === true
  const parent = isInside ? around : propagation.extract(trace.deleteSpan(around), ctx.req.headers)
  const attributes = requestAttributes(ctx, redactQuery)
  const name = spanName(attributes['http.request.method'], undefined)
  const span = trace.getTracer('flaskoa').startSpan(name, { kind: SpanKind.SERVER, attributes }, parent)
  return trace.setSpan(parent, span)
}

/** Has the methods of all applications that are made after this run in spans, in requests that ask for it. */
function watchMethods(api: Api): void {
  runCallsWith((call, run) => {
    const { ctx } = call
    const isTraced = ctx !== undefined && measured.get(ctx.req)?.hasMethods === true
    return isTraced ? inMethodSpan(api, ctx, call, run) : run()
  })
}

const watched = new WeakSet<Koa>()

/** Notes the errors that an application reports. Koa has its own listener already, which it adds only if there is no other. */
function watchErrors(app: Koa): void {
  if (watched.has(app)) return
  watched.add(app)
  // First, because a listener may throw.
  app.prependListener('error', (thrown: Error, ctx?: Koa.Context) => {
    const request = ctx === undefined ? undefined : measured.get(ctx.req)
    const error = originalOf(thrown)
    if (request !== undefined && !isClientError(error, ctx as Koa.Context)) request.noteError(error)
  })
}
