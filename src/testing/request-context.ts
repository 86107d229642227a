import type Koa from 'koa'
import { endRequest } from '../request/request-end'
import { runCoroutineIn, runIn } from '../request/storage'
import { checkFunction, checkOptions, TEXT, type OptionKind } from '../errors/check-options'
import { describe, toError } from '../errors/describe'
import { requireRuntime } from '../request/runtime'
import { RequestContext } from '../request/request-context'
import type { Context } from '../types'
import { FIELDS, HTTP_URL } from './option-kinds'
import { sendRequest } from './send-request'

/** The options of `testRequestContext`. */
export interface TestRequestContextOptions {
  /** The HTTP method. Default GET. */
  method?: string
  /** Header fields of the request. */
  headers?: Readonly<Record<string, string>>
  /** The URL that the path is relative to. Default `http://localhost`. */
  baseUrl?: string
}

const OPTIONS: Readonly<Record<keyof TestRequestContextOptions, OptionKind>> = {
  method: TEXT,
  headers: FIELDS,
  baseUrl: HTTP_URL,
}

/**
 * Runs `fn` in the context of a request to `path`: the URL is matched, and `g`, `session`, `request` and `urlFor` work.
 * Of the hooks only the teardown methods run, after `fn`, with the error that `fn` threw.
 *
 * @returns the result of `fn`
 */
export async function testRequestContext<T>(
  app: Koa,
  path: string,
  fn: (ctx: Context) => T | PromiseLike<T>,
  options: TestRequestContextOptions = {},
): Promise<T> {
  const {
    method = 'GET',
    headers = {},
    baseUrl = 'http://localhost',
  } = checkOptions(options, OPTIONS, 'testRequestContext')
  const runtime = requireRuntime(app, 'testRequestContext')
  if (typeof (path as unknown) !== 'string')
    throw new TypeError(`testRequestContext: the path must be a text, such as '/', not ${describe(path)}`)
  checkFunction(fn, "testRequestContext(app, '/', ctx => ctx.path)")
  let outcome = { error: new Error('the request was not made') } as { value: T } | { error: unknown }
  const callback = insideOf(app, async (ctx, next) => {
    const context = new RequestContext(ctx, runtime, next)
    outcome = await runIn(context, inContext<T>, context, fn)
  })
  const url = new URL(path, baseUrl)
  await sendRequest((req, res) => void callback(req, res), {
    method,
    url,
    headers: { host: url.host, ...headers },
  })
  if ('error' in outcome) throw outcome.error
  return outcome.value
}

async function inContext<T>(context: RequestContext, fn: (ctx: Context) => T | PromiseLike<T>) {
  let error: Error | undefined
  try {
    context.emit('appContextPushed')
    await context.session.open()
    context.match()
    context.pipeline = { ...context.pipeline, afterResponse: [] }
    return { value: await runIn(context, fn, context.ctx) }
  } catch (thrown) {
    error = toError(thrown)
    return { error: thrown }
  } finally {
    const ending = endRequest(context, error)
    if (ending !== undefined) await runCoroutineIn(context, ending)
  }
}

/**
 * Makes a request handler with the application's settings, context and listeners, but with one middleware in the place
 * of its own.
 *
 * @param around the application's middleware that still runs, around the one middleware
 */
export function insideOf(
  app: Koa,
  middleware: (ctx: Context, next: Koa.Next) => Promise<void>,
  around: readonly Koa.Middleware[] = [],
) {
  const instead: Koa.Middleware = async (ctx, next) => {
    ctx.app = app
    await middleware(ctx as Context, next)
    ctx.body = ''
  }
  return (Object.create(app, { middleware: { value: [...around, instead] } }) as Koa).callback()
}
