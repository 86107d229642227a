import { performance } from 'node:perf_hooks'
import type { Attributes, Context, Span } from '@opentelemetry/api'
import type Koa from 'koa'
import { isAborted } from '../connection/abort-signal'
import { textOf } from '../errors/describe'
import { commonAttributes, protocolVersion, spanName } from './attributes'
import type { Api } from './api'
import type { Instruments } from './metrics'
import { routeOf } from './route'

/** What one request is measured by, from the middleware to the end of its response. */
export class RequestTelemetry {
  /** What the code of the request runs in. */
  readonly context: Context
  /** Whether each method gets a span. */
  readonly hasMethods: boolean
  private readonly api: Api
  private readonly ctx: Koa.Context
  /** The server span: `undefined` if nothing traces this request. */
  private readonly span: Span | undefined
  /** Whether the span ends here, and not in an instrumentation. */
  private readonly isOwn: boolean
  private readonly instruments: Instruments | undefined
  private readonly start = performance.now()
  private readonly common: Attributes
  /** The first that was noted. */
  private error: Error | undefined

  constructor(api: Api, ctx: Koa.Context, given: Given) {
    this.api = api
    this.ctx = ctx
    this.context = given.context
    this.span = api.trace.getSpan(given.context)
    this.isOwn = given.isOwn
    this.hasMethods = given.hasMethods
    this.instruments = given.instruments
    this.common = commonAttributes(ctx)
    this.instruments?.active.add(1, this.common, this.context)
  }

  /** Notes an error that no handler has answered, or that has broken off a stream. */
  noteError(error: Error): void {
    this.error ??= error
    if (this.span?.isRecording() === true) this.span.recordException(error)
  }

  /** The response is out, or was broken off. */
  end(): void {
    const { ctx, span, instruments, common } = this
    const attributes = this.resultAttributes()
    if (span !== undefined) this.endSpan(span, attributes)
    if (instruments === undefined) return
    instruments.active.add(-1, common, this.context)
    const seconds = (performance.now() - this.start) / 1000
    const all = { ...common, 'network.protocol.version': protocolVersion(ctx), ...attributes }
    instruments.duration.record(seconds, all, this.context)
  }

  private resultAttributes(): Attributes {
    const { ctx } = this
    const attributes: Attributes = {}
    const route = routeOf(ctx)
    if (route !== undefined) attributes['http.route'] = route
    // A client that has left before the head was sent has no status.
    const status = ctx.headerSent ? ctx.res.statusCode : undefined
    if (status !== undefined) attributes['http.response.status_code'] = status
    const errorType = this.errorTypeOf(status)
    if (errorType !== undefined) attributes['error.type'] = errorType
    return attributes
  }

  /** 4xx are mistakes of clients, and an error of a teardown method leaves the response as it is. */
  private errorTypeOf(status: number | undefined): string | undefined {
    if (status !== undefined && status >= 500) return this.error?.name ?? String(status)
    return isAborted(this.ctx) ? this.error?.name : undefined
  }

  private endSpan(span: Span, attributes: Attributes): void {
    span.setAttributes(attributes)
    if (attributes['error.type'] !== undefined) {
      const message = this.error === undefined ? {} : { message: textOf(this.error) }
      span.setStatus({ code: this.api.SpanStatusCode.ERROR, ...message })
    }
    if (!this.isOwn) return
    span.updateName(spanName(this.common['http.request.method'], attributes['http.route'] as string | undefined))
    span.end()
  }
}

/** How a request is measured. */
export interface Given {
  readonly context: Context
  readonly isOwn: boolean
  readonly hasMethods: boolean
  readonly instruments: Instruments | undefined
}
