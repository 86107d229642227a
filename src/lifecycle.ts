import { findErrorHandler, type ErrorHandlers } from './error-handlers'
import { internalServerError, isHttpError, describe, ThrownResponse, toError } from './errors'
import type { FirstRequest } from './first-request'
import { isThenable } from './thenable'
import type { Awaitable } from './types'

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
  readonly teardown: readonly Teardown<Context>[]
  /** Innermost blueprint first, application last. */
  readonly errorHandlers: readonly ErrorHandlers<Context>[]
}

export type Teardown<Context> = (error: Error | undefined, ctx: Context) => unknown
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
  readonly teardownAppContext: readonly Teardown<Context | undefined>[]
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
  end(error: Error | undefined): Awaitable<void>
}

/** A response value and who gave it. */
interface Answer {
  readonly value: unknown
  readonly by: string
}

/**
 * Runs one request from the session's opening to its teardown, which runs whatever happened [7.2]. Nothing is awaited but
 * promises, so that a request whose methods are synchronous ends before this returns.
 */
export function handleRequest<C, R>(exchange: Exchange<C, R>): Awaitable<void> {
  let dispatching: Awaitable<void>
  try {
    dispatching = openRequest(exchange)
  } catch (thrown) {
    dispatching = Promise.reject(toError(thrown))
  }
  return isThenable(dispatching) ? handleLater(exchange, dispatching) : exchange.end(undefined)
}

/** The rest of a request that is asynchronous or has failed. */
async function handleLater<C, R>(exchange: Exchange<C, R>, dispatching: PromiseLike<void>): Promise<void> {
  let error: Error | undefined
  try {
    try {
      await dispatching
    } catch (thrown) {
      error = toError(thrown)
      await handleException(exchange, error)
    }
  } finally {
    await exchange.end(error)
  }
}

function openRequest<C, R>(exchange: Exchange<C, R>): Awaitable<void> {
  exchange.signal('appContextPushed')
  return afterwards(exchange.openSession(), exchange, matchRequest)
}

function matchRequest<C, R>(exchange: Exchange<C, R>): Awaitable<void> {
  exchange.match()
  const { firstRequest } = exchange
  return firstRequest.passed
    ? fullDispatchRequest(exchange)
    : afterwards(firstRequest.pass(), exchange, fullDispatchRequest)
}

function fullDispatchRequest<C, R>(exchange: Exchange<C, R>): Awaitable<void> {
  let answer: Awaitable<Answer>
  try {
    exchange.signal('requestStarted')
    answer = afterwards(preprocessUrl(exchange), exchange, preprocessRequest)
  } catch (thrown) {
    answer = Promise.reject(toError(thrown))
  }
  return isThenable(answer) ? answerLater(exchange, answer) : finalizeRequest(exchange, answer)
}

async function answerLater<C, R>(exchange: Exchange<C, R>, answering: PromiseLike<Answer>): Promise<void> {
  let answer: Answer
  try {
    answer = await answering
  } catch (thrown) {
    answer = await handleUserException(exchange, toError(thrown))
  }
  await finalizeRequest(exchange, answer)
}

function finalizeRequest<C, R>(exchange: Exchange<C, R>, { value, by }: Answer): Awaitable<void> {
  exchange.makeResponse(value, by)
  return processResponse(exchange)
}

/** The URL value preprocessors [2.6]. */
function preprocessUrl<C, R>(exchange: Exchange<C, R>, from = 0): Awaitable<void> {
  const { pipeline, endpoint, values, ctx } = exchange
  for (let index = from; index < pipeline.preprocessors.length; index++) {
    const result = pipeline.preprocessors[index]?.(endpoint, values, ctx)
    if (isThenable(result)) return Promise.resolve(result).then(() => preprocessUrl(exchange, index + 1))
  }
}

/** The before methods, and if none of them answers, the view. The first value that is not none is the answer, whatever the URL [2.1, 2.2]. */
function preprocessRequest<C, R>(exchange: Exchange<C, R>, from = 0): Awaitable<Answer> {
  const { before } = exchange.pipeline
  for (let index = from; index < before.length; index++) {
    const hook = before[index] as (ctx: C) => unknown
    const result = hook(exchange.ctx)
    if (isThenable(result)) {
      return Promise.resolve(result).then(
        value => answerOf(exchange, value, hook.name) ?? preprocessRequest(exchange, index + 1),
      )
    }
    const answer = answerOf(exchange, result, hook.name)
    if (answer !== undefined) return answer
  }
  return dispatchRequest(exchange)
}

function dispatchRequest<C, R>(exchange: Exchange<C, R>): Awaitable<Answer> {
  const { view } = exchange.pipeline
  const result = view(exchange)
  return isThenable(result)
    ? Promise.resolve(result).then(value => ({ value, by: view.name }))
    : { value: result, by: view.name }
}

function answerOf<C, R>(exchange: Exchange<C, R>, value: unknown, by: string): Answer | undefined {
  if (value !== undefined && value !== null) return { value, by }
  exchange.refuseUnreturned(by)
  return undefined
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

/** The after methods and the session: what was registered for this request alone comes first [9.1]. */
function processResponse<C, R>(exchange: Exchange<C, R>): Awaitable<void> {
  return afterwards(runResponseHooks(exchange, exchange.afterThisRequest), exchange, runAfterMethods)
}

function runAfterMethods<C, R>(exchange: Exchange<C, R>): Awaitable<void> {
  return afterwards(runResponseHooks(exchange, exchange.pipeline.after), exchange, finishResponse)
}

function finishResponse<C, R>(exchange: Exchange<C, R>): Awaitable<void> {
  exchange.settleResponse()
  return afterwards(exchange.saveSession(), exchange, signalFinished)
}

function signalFinished<C, R>(exchange: Exchange<C, R>): void {
  exchange.signal('requestFinished', exchange.response)
}

/** Iterated live: an after-this-request function may register another for the same pass [9.1]. */
function runResponseHooks<C, R>(
  exchange: Exchange<C, R>,
  hooks: readonly ResponseHook<C, R>[],
  from = 0,
): Awaitable<void> {
  for (let index = from; index < hooks.length; index++) {
    const hook = hooks[index] as ResponseHook<C, R>
    const result = hook(exchange.response, exchange.ctx)
    if (isThenable(result)) {
      return Promise.resolve(result).then(value => {
        checkResponse(exchange, value, hook)
        return runResponseHooks(exchange, hooks, index + 1)
      })
    }
    checkResponse(exchange, result, hook)
  }
}

/** Each must hand on the response [9.3, 9.4]. */
function checkResponse<C, R>(exchange: Exchange<C, R>, returned: unknown, hook: ResponseHook<C, R>): void {
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

/** All teardown methods, each with the same error; one that throws does not stop the others [7.3, 7.6]. Never rejects. */
export function doTeardownRequest<C, R>(exchange: Exchange<C, R>, error: Error | undefined, from = 0): Awaitable<void> {
  const { teardown } = exchange.pipeline
  for (let index = from; index < teardown.length; index++) {
    const running = runTeardown(exchange, error, teardown[index] as Teardown<C>)
    if (running !== undefined) return running.then(() => doTeardownRequest(exchange, error, index + 1))
  }
  signalTeardown(exchange, 'requestTearingDown', error)
  return doTeardownAppContext(exchange, error)
}

/** The application context's own, after those of the request [1.1]. */
export function doTeardownAppContext<C>(context: Surroundings<C>, error: Error | undefined, from = 0): Awaitable<void> {
  const { teardownAppContext } = context
  for (let index = from; index < teardownAppContext.length; index++) {
    const running = runTeardown(context, error, teardownAppContext[index] as Teardown<C | undefined>)
    if (running !== undefined) return running.then(() => doTeardownAppContext(context, error, index + 1))
  }
  signalTeardown(context, 'appContextTearingDown', error)
  signalTeardown(context, 'appContextPopped')
}

function runTeardown<C>(
  context: Surroundings<C>,
  error: Error | undefined,
  teardown: Teardown<C>,
): Promise<void> | undefined {
  try {
    const result = teardown(error, context.ctx as C)
    if (!isThenable(result)) return undefined
    return Promise.resolve(result).then(
      () => undefined,
      (thrown: unknown) => reportTeardown(context, error, thrown),
    )
  } catch (thrown) {
    return reportTeardown(context, error, thrown) as undefined
  }
}

function signalTeardown<C>(context: Surroundings<C>, name: string, ...given: [error?: Error | undefined]): void {
  try {
    context.signal(name, ...given)
  } catch (thrown) {
    reportTeardown(context, given[0], thrown)
  }
}

/** The request's own error, thrown again, is told already, or by those whom it leaves to. */
function reportTeardown<C>(context: Surroundings<C>, error: Error | undefined, thrown: unknown): void {
  const failure = toError(thrown)
  if (failure !== error) context.report(failure)
}

/** `next`, at once or after what has to be waited for. */
function afterwards<E, T>(pending: unknown, exchange: E, next: (exchange: E) => Awaitable<T>): Awaitable<T> {
  return isThenable(pending) ? Promise.resolve(pending).then(() => next(exchange)) : next(exchange)
}
