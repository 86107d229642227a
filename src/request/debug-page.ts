import type Koa from 'koa'
import { isClientDisconnect } from '../connection/abort-signal'
import { fieldsOfError } from '../connection/foreign-fields'
import { readable, toError } from '../errors/describe'
import { isInterruption } from '../lifecycle/interruption'
import { debugHtml, debugJson } from '../response/debug-body'
import { isClientError, koaStatusOf } from './client-error'
import { emitError, isFirstReport } from './error-event'
import { isUnhandled, noteLateError } from './failure'
import { noteServerTiming } from './server-timing'

/**
 * In debug mode, shows the client the errors that leave the lifecycle or that middleware around it throws. The status is the
 * one without debug mode: an error of a client, such as a 401 of middleware, is left to Koa altogether.
 */
export const debugPage: Koa.Middleware = async (ctx, next) => {
  try {
    await next()
  } catch (thrown) {
    const error = toError(readable(thrown))
    if (ctx.headerSent || isClientError(error, ctx)) throw thrown
    noteLateError(ctx, error)
    if (!isClientDisconnect(ctx, error) && isFirstReport(ctx, thrown)) emitError(ctx.app, error, ctx)
    if (isUnhandled(ctx, error)) ctx.status = isInterruption(error) ? error.status : 500
    else answerAsKoa(ctx, error)
    show(ctx, error)
  }
}

/** Gives the response the status and the fields that Koa answers an error with. */
function answerAsKoa(ctx: Koa.Context, error: Error & { headers?: unknown }): void {
  for (const name of ctx.res.getHeaderNames()) ctx.remove(name)
  for (const [name, value] of fieldsOfError(error.headers, koaStatusOf(error))) {
    try {
      ctx.set(name, value)
    } catch {
      // Node refuses the name or the value.
    }
  }
  ctx.status = koaStatusOf(error)
}

function show(ctx: Koa.Context, error: Error): void {
  noteServerTiming(ctx)
  ctx.remove('Content-Length')
  ctx.vary('Accept')
  ctx.set('X-Content-Type-Options', 'nosniff')
  const isJson = prefersJson(ctx)
  ctx.type = isJson ? 'json' : 'html'
  ctx.body = isJson ? debugJson(error, ctx.status) : debugHtml(error)
}

/** Also a client that accepts only a format on top of JSON, such as `application/problem+json`. */
function prefersJson(ctx: Koa.Context): boolean {
  const accepted = ctx.accepts()
  const chosen = ctx.accepts('html', 'json', ...accepted.filter(type => type.endsWith('+json')))
  return chosen !== 'html' && chosen !== false
}
