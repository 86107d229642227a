import type { Span } from '@opentelemetry/api'
import type Koa from 'koa'
import { isClientDisconnect } from '../connection/abort-signal'
import { textOf, toError } from '../errors/describe'
import { isHttpError } from '../errors/http-error'
import type { MethodCall } from '../request/watch-methods'
import { observe } from '../util/observe'
import type { Api } from './api'

/** Runs a method in a span of its own, so that the spans that it makes are children of this one. */
export function inMethodSpan(api: Api, ctx: Koa.Context, call: MethodCall, run: () => unknown): unknown {
  const { context, trace } = api
  const outer = context.active()
  const span = trace
    .getTracer('flaskoa')
    .startSpan(nameOf(call), { attributes: { 'flaskoa.stage': call.stage } }, outer)
  const threw = (thrown: unknown) => {
    noteError(api, span, ctx, toError(thrown))
    span.end()
  }
  return context.with(trace.setSpan(outer, span), () => observe(run, () => span.end(), threw))
}

/** The stage of input has a list of what is read, and a function that a method registers may have no name. */
const nameOf = ({ stage, name }: MethodCall): string => (stage === 'input' || name === '' ? stage : name)

/** An HTTP error such as that of `abort(404)` is an answer. What a client has broken off is no error. */
function noteError({ SpanStatusCode }: Api, span: Span, ctx: Koa.Context, error: Error): void {
  if ((isHttpError(error) && error.status < 500) || isClientDisconnect(ctx, error)) return
  span.recordException(error)
  span.setAttribute('error.type', error.name)
  span.setStatus({ code: SpanStatusCode.ERROR, message: textOf(error) })
}
