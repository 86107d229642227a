import type Koa from 'koa'
import { isClientDisconnect } from '../connection/abort-signal'
import { fieldsOfError } from '../connection/foreign-fields'
import { readable, toError } from '../errors/describe'
import { isInterruption } from '../lifecycle/interruption'
import { isClientError, koaStatusOf } from '../request/client-error'
import { emitError, isFirstReport } from '../request/error-event'
import { isUnhandled, noteLateError } from '../request/failure'
import { requestOf } from '../request/request-of'
import { isUnrouted } from '../request/routing-failure'
import { noteServerTiming } from '../request/server-timing'
import type * as Page from './page'

/**
 * In debug mode, shows the client the errors that leave the lifecycle or that middleware around it throws. The status is the
 * one without debug mode: an error of a client, such as a 401 of middleware, is left to Koa altogether.
 *
 * @param show the keys of `g` and of the session whose values are shown
 */
export function debugPage(show: readonly string[] = []): Koa.Middleware {
  const middleware: Koa.Middleware = async (ctx, next) => {
    try {
      await next()
    } catch (thrown) {
      return answer(ctx, thrown, show)
    }
    // In a mounted application, other middleware may still answer.
    if (ctx.app.middleware.includes(middleware)) explainUnmatched(ctx, show)
  }
  return middleware
}

function answer(ctx: Koa.Context, thrown: unknown, show: readonly string[]): void {
  const error = toError(readable(thrown))
  if (ctx.headerSent || isClientError(error, ctx)) throw thrown
  noteLateError(ctx, error)
  if (!isClientDisconnect(ctx, error) && isFirstReport(ctx, thrown)) emitError(ctx.app, error, ctx)
  if (isUnhandled(ctx, error)) ctx.status = isInterruption(error) ? error.status : 500
  else answerAsKoa(ctx, error)
  noteServerTiming(ctx)
  page().showError(ctx, error, show)
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

/** Answers a URL that no rule matches, if no other middleware has. A client that names no format gets Flask's page. */
function explainUnmatched(ctx: Koa.Context, show: readonly string[]): void {
  if (ctx.get('Accept') === '') return
  const failure = requestOf(ctx)?.failure
  if (failure?.isDeferred !== true || !isUnrouted(failure.error)) return
  const { error } = failure
  const isOpen = ctx.body === undefined && ctx.status === error.status && !ctx.headerSent && ctx.respond !== false
  if (isOpen) page().showUnmatched(ctx, error, show)
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would be asynchronous; an application without debug never loads it
const page = () => require('./page') as typeof Page
