import { findErrorHandler, type ErrorHandlers } from './error-handlers'
import { internalServerError, isHttpError, describe, ThrownResponse, toError } from './errors'
import type { FirstRequest } from './first-request'
import { isThenable } from './thenable'

/**
 * Flask's request lifecycle. It knows no Koa: what it needs of the world outside is an `Exchange`. Numbers in brackets are
 * the rules of Flask's behaviour that a line keeps.
 */

/** What runs for one route, decided at bootstrap and frozen. Each function is named `Class.method`. */
export interface Pipeline<Context, Response> {
  /** Application first, then from the outermost blueprint in [1.3]. */
  readonly preprocessors: readonly ((
    endpoint: string | undefined,
    values: Values | undefined,
    ctx: Context,
  ) => unknown)[]
  /** Application first, then from the outermost blueprint in. */
  readonly before: readonly ((ctx: Context) => unknown)[]
  readonly view: (exchange: Exchange<Context, Response>) => unknown
  /** Innermost blueprint first, each scope reversed, application last [1.4]. */
  readonly after: readonly ResponseHook<Context, Response>[]
  /** Innermost blueprint first, each scope reversed, application last [7.1]. */
  readonly teardown: readonly ((error: Error | undefined, ctx: Context) => unknown)[]
  /** Innermost blueprint first, application last. */
  readonly errorHandlers: readonly ErrorHandlers<Context>[]
}

export type ResponseHook<Context, Response> = (response: Response, ctx: Context) => unknown
export type Values = Record<string, unknown>

export interface Settings {
  readonly propagateExceptions: boolean
  readonly trapHttpExceptions: boolean
  readonly afterRequestOnUnhandledError: boolean
}

/** What a request and code outside of requests have in common. */
export interface Surroundings<Context> {
  readonly ctx: Context | undefined
  /** Reversed [1.4]. */
  readonly teardownAppContext: readonly ((error: Error | undefined, ctx: Context | undefined) => unknown)[]
  /** Tells whoever listens [15.1]. */
  signal(name: string, ...given: unknown[]): void
  /** Tells the application of an error that nobody handled. Never throws. */
  report(error: Error): void
}

/** One request and its response, as the lifecycle sees them. */
export interface Exchange<Context, Response> extends Surroundings<Context> {
  readonly ctx: Context
  readonly response: Response
  readonly settings: Settings
  readonly firstRequest: FirstRequest
  /** The application's own pipeline until `match` has found the route's. */
  readonly pipeline: Pipeline<Context, Response>
  readonly endpoint: string | undefined
  readonly values: Values | undefined
  readonly afterThisRequest: readonly ResponseHook<Context, Response>[]
  openSession(): unknown
  /** Finds the route. A URL without one is remembered: it fails in the view's place. */
  match(): void
  /** Lets others answer a URL without a route; throws its failure if nobody does. */
  passOn(): unknown
  /** The automatic answer to OPTIONS [4.2]. */
  answerOptions(): unknown
  /** Forgets what was written to the response since the lifecycle received it. */
  resetResponse(): void
  /** Throws when a response was made and not returned. */
  refuseUnreturned(by: string): void
  /** Puts a value into the response. Throws a TypeError that names `by` when the value can't be one. */
  makeResponse(value: unknown, by: string): void
  /** Serialises a body that a hook has set. */
  settleResponse(): void
  /** Undoes a replacement by a hook of the pass that failed [6.6]. */
  keepFirstResponse(): void
  saveSession(): unknown
  /** Tears down, now or when the response no longer needs the context. Never throws. */
  end(error: Error | undefined): Promise<void>
}

/** A response value and who gave it. */
interface Answer {
  readonly value: unknown
  readonly by: string
}

/** Runs one request from the session's opening to its teardown, which runs whatever happened [7.2]. */
export async function handleRequest<C, R>(exchange: Exchange<C, R>): Promise<void> {
  let error: Error | undefined
  try {
    try {
      exchange.signal('appContextPushed')
      const opening = exchange.openSession()
      if (isThenable(opening)) await opening
      exchange.match()
      await fullDispatchRequest(exchange)
    } catch (thrown) {
      error = toError(thrown)
      await handleException(exchange, error)
    }
  } finally {
    await exchange.end(error)
  }
}

async function fullDispatchRequest<C, R>(exchange: Exchange<C, R>): Promise<void> {
  if (!exchange.firstRequest.passed) await exchange.firstRequest.pass()
  let answer: Answer
  try {
    exchange.signal('requestStarted')
    answer = (await preprocessRequest(exchange)) ?? (await dispatchRequest(exchange))
  } catch (thrown) {
    answer = await handleUserException(exchange, toError(thrown))
  }
  exchange.makeResponse(answer.value, answer.by)
  await processResponse(exchange)
}

/** The before methods. The first value that is not none is the answer, whatever the URL [2.1, 2.2]. */
async function preprocessRequest<C, R>(exchange: Exchange<C, R>): Promise<Answer | undefined> {
  const { pipeline, endpoint, values, ctx } = exchange
  for (const preprocess of pipeline.preprocessors) {
    const result = preprocess(endpoint, values, ctx)
    if (isThenable(result)) await result
  }
  for (const before of pipeline.before) {
    const result = before(ctx)
    const value: unknown = isThenable(result) ? await result : result
    if (value !== undefined && value !== null) return { value, by: before.name }
    exchange.refuseUnreturned(before.name)
  }
  return undefined
}

async function dispatchRequest<C, R>(exchange: Exchange<C, R>): Promise<Answer> {
  const { view } = exchange.pipeline
  const result = view(exchange)
  return { value: isThenable(result) ? await result : result, by: view.name }
}

/** The user's handler for an error, or the error itself when it is an HTTP error nobody handles [5.1, 5.2, 5.3]. */
async function handleUserException<C, R>(exchange: Exchange<C, R>, error: Error): Promise<Answer> {
  const isAnswer = (isHttpError(error) || error instanceof ThrownResponse) && !exchange.settings.trapHttpExceptions
  if (isAnswer && error instanceof ThrownResponse) return { value: error.respond(), by: error.message }
  const handler = findErrorHandler(exchange.pipeline.errorHandlers, error)
  if (handler === undefined && !isAnswer) throw error
  exchange.resetResponse()
  if (handler === undefined) return { value: error, by: error.name }
  return { value: await handler(error, exchange.ctx), by: handler.name }
}

/** The after methods and the session. Each must hand on the response [9.3, 9.4]. */
async function processResponse<C, R>(exchange: Exchange<C, R>): Promise<void> {
  // Iterated live: an after-this-request function may register another for the same pass [9.1].
  for (const hook of exchange.afterThisRequest) await runResponseHook(exchange, hook)
  for (const hook of exchange.pipeline.after) await runResponseHook(exchange, hook)
  exchange.settleResponse()
  const saving = exchange.saveSession()
  if (isThenable(saving)) await saving
  exchange.signal('requestFinished', exchange.response)
}

async function runResponseHook<C, R>(exchange: Exchange<C, R>, hook: ResponseHook<C, R>): Promise<void> {
  const result = hook(exchange.response, exchange.ctx)
  const returned: unknown = isThenable(result) ? await result : result
  if (returned === exchange.response) return
  throw new TypeError(
    `${hook.name || 'a function given to afterThisRequest'} returned ${describe(returned)}: an after method must return ` +
      'the response it was given, or makeResponse(...) for a new one',
  )
}

/** The 500 path: an error that nobody handled [6.2]. */
async function handleException<C, R>(exchange: Exchange<C, R>, error: Error): Promise<void> {
  const { propagateExceptions, afterRequestOnUnhandledError } = exchange.settings
  exchange.signal('gotRequestException', error)
  if (propagateExceptions) {
    // Nothing of the response goes out: a stream in it must not hold the context.
    exchange.resetResponse()
    throw error
  }
  exchange.report(error)
  exchange.resetResponse()
  const serverError = internalServerError(error)
  const handler = findErrorHandler(exchange.pipeline.errorHandlers, serverError)
  try {
    const value = handler === undefined ? serverError : await handler(serverError, exchange.ctx)
    exchange.makeResponse(value, handler?.name ?? serverError.name)
  } catch (failure) {
    return leaveBarePage(exchange, toError(failure), serverError)
  }
  if (handler === undefined && !afterRequestOnUnhandledError) return
  await processErrorResponse(exchange)
}

/** A 500 handler failed as well: the bare page, without after methods [6.7]. */
function leaveBarePage<C, R>(exchange: Exchange<C, R>, failure: Error, serverError: Error): void {
  exchange.report(failure)
  exchange.resetResponse()
  exchange.makeResponse(serverError, serverError.name)
}

/** The second pass: all after methods again, from the first. What fails now is told, and the response stands [6.5, 6.6]. */
async function processErrorResponse<C, R>(exchange: Exchange<C, R>): Promise<void> {
  try {
    await processResponse(exchange)
  } catch (failure) {
    exchange.report(toError(failure))
    exchange.keepFirstResponse()
  }
}

/** All teardown methods, each with the same error; one that throws does not stop the others [7.3, 7.6]. */
export async function doTeardownRequest<C, R>(exchange: Exchange<C, R>, error: Error | undefined): Promise<void> {
  for (const teardown of exchange.pipeline.teardown)
    await runTeardown(exchange, error, () => teardown(error, exchange.ctx))
  await runTeardown(exchange, error, () => exchange.signal('requestTearingDown', error))
  await doTeardownAppContext(exchange, error)
}

/** The application context's own, after those of the request [1.1]. */
export async function doTeardownAppContext<C>(context: Surroundings<C>, error: Error | undefined): Promise<void> {
  for (const teardown of context.teardownAppContext)
    await runTeardown(context, error, () => teardown(error, context.ctx))
  await runTeardown(context, error, () => context.signal('appContextTearingDown', error))
  await runTeardown(context, error, () => context.signal('appContextPopped'))
}

async function runTeardown<C>(
  context: Surroundings<C>,
  error: Error | undefined,
  teardown: () => unknown,
): Promise<void> {
  try {
    const result = teardown()
    if (isThenable(result)) await result
  } catch (thrown) {
    const failure = toError(thrown)
    // The request's own error, thrown again, is told already, or by those whom it leaves to.
    if (failure !== error) context.report(failure)
  }
}
