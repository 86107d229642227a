import { describe, toError } from '../errors/describe'
import { internalServerError, isHttpError, restoreHidden, ThrownResponse } from '../errors/http-error'
import type { Context } from '../types'
import { isThenable } from '../util/thenable'
import type { Coroutine } from './coroutine'
import { findErrorHandler } from './error-handlers'
import type { Exchange, ResponseHook } from './exchange'
import { isInterruption } from './interruption'
import { runErrorHandler } from './run-error-handler'

/**
 * Flask's request lifecycle. This file does not import Koa: it works on an `Exchange`. Numbers in brackets are the rules of
 * Flask's behaviour (docs/rules.md). A result that is a promise is yielded (coroutine.ts).
 */

/** A response value and the name of the method that returned it. */
interface Answer {
  readonly value: unknown
  readonly by: string
}

/**
 * Runs one request, from opening the session to its teardown.
 *
 * @param end always runs, with the error that no handler answered, if any; the coroutine that it returns also runs [7.2]
 */
export function* handleRequest<E extends Exchange>(
  exchange: E,
  end: (exchange: E, error: Error | undefined) => Coroutine<void> | undefined,
): Coroutine<void> {
  let error: Error | undefined
  try {
    try {
      if (exchange.hasListeners) exchange.emit('appContextPushed')
      const opening = exchange.session.open()
      if (isThenable(opening)) yield opening
      exchange.match()
      const { firstRequest } = exchange.plan
      if (!firstRequest.passed && exchange.pipeline.isApart !== true) yield* firstRequest.pass(exchange)
      yield* fullDispatchRequest(exchange)
    } catch (thrown) {
      error = toError(thrown)
      yield* handleException(exchange, error)
    }
  } finally {
    const ending = end(exchange, error)
    if (ending !== undefined) yield* ending
  }
}

/** The methods up to the view, the response that they or an error handler give, and the after methods. */
function* fullDispatchRequest(exchange: Exchange): Coroutine<void> {
  let answer: Answer | undefined
  let failure: Error | undefined
  try {
    if (exchange.hasListeners) {
      exchange.emit('requestStarted')
      exchange.response.noteRequestFields()
    }
    const { pipeline, endpoint, values, ctx } = exchange
    const { preprocessors, view } = pipeline
    for (let index = 0; index < preprocessors.length; index++) {
      const running = preprocessors[index]?.(endpoint, values, ctx) // what it returns is ignored [2.6]
      if (isThenable(running)) yield running
      exchange.response.noteRequestFields()
    }
    for (let given = runBefore(exchange, 0); given !== undefined; given = runBefore(exchange, given.next)) {
      const value = isThenable(given.value) ? yield given.value : given.value
      // The first value that is not undefined or null is the answer, whatever the URL [2.2].
      if (value !== undefined && value !== null) {
        answer = { value, by: given.by.name }
        break
      }
      exchange.response.assertReturned(given.by.name)
      exchange.response.noteRequestFields()
    }
    if (answer === undefined) {
      exchange.response.beginAnswer()
      const result = view(exchange)
      answer = { value: isThenable(result) ? yield result : result, by: view.name }
      failure = exchange.refusal
    }
  } catch (thrown) {
    failure = toError(thrown)
  }
  if (failure !== undefined) yield* handleUserException(exchange, failure)
  else exchange.response.make((answer as Answer).value, (answer as Answer).by)
  const refusal = yield* processResponse(exchange)
  if (refusal !== undefined) yield* answerInstead(exchange, refusal)
}

/** What a before method returned, and the index of the one after it. */
interface BeforeResult {
  readonly value: unknown
  readonly by: (ctx: Context) => unknown
  readonly next: number
}

/**
 * Runs the before methods from `index` on, until one returns a value or makes a response. (Not in the generator, where V8
 * keeps the loop's state in memory: a sixth of a method's cost.)
 */
function runBefore({ ctx, pipeline, response }: Exchange, index: number): BeforeResult | undefined {
  const { before } = pipeline
  for (; index < before.length; index++) {
    const by = before[index] as (ctx: Context) => unknown
    const value = by(ctx)
    if (value !== undefined || response.hasUnreturned) return { value, by, next: index + 1 }
    response.noteRequestFields()
  }
  return undefined
}

/** The session can't be saved: the handler of that HTTP error answers, and all after methods run again. */
function* answerInstead(exchange: Exchange, refusal: Error): Coroutine<void> {
  yield* handleUserException(exchange, refusal)
  const again = yield* processResponse(exchange)
  if (again !== undefined) throw again
}

/** Answers by the user's error handler, or by the error itself if it is an HTTP error without a handler [5.1, 5.2, 5.3]. */
function* handleUserException(exchange: Exchange, error: Error): Coroutine<void> {
  restoreHidden(error)
  const isAnswer = (isHttpError(error) || error instanceof ThrownResponse) && !exchange.plan.settings.trapHttpExceptions
  if (isAnswer && error instanceof ThrownResponse) return exchange.response.make(error.respond(), error.message)
  const handler = findErrorHandler(exchange.pipeline.errorHandlers, error)
  if (handler === undefined && !isAnswer) throw error
  if (handler === undefined && isInterruption(error)) exchange.report(error)
  exchange.response.reset()
  if (handler === undefined) exchange.response.make(error, error.name)
  else yield* runErrorHandler(handler, error, exchange)
  exchange.noteError(error, true)
}

/**
 * Runs the after methods, first those registered for this request alone [9.1], and saves the session.
 *
 * @returns the HTTP error that answers the request instead, if the session can't be saved
 */
function* processResponse(exchange: Exchange): Coroutine<Error | undefined> {
  const { ctx, pipeline, afterThisRequest } = exchange
  for (let pass = 0; pass < 2; pass++) {
    const hooks = pass === 0 ? afterThisRequest : pipeline.after
    // The list may grow: a method registered for this request may register another for the same pass [9.1].
    for (let index = 0; index < hooks.length; index++) {
      const hook = hooks[index] as ResponseHook
      const result = hook(ctx.response, ctx)
      checkResponse(ctx, isThenable(result) ? yield result : result, hook)
    }
  }
  exchange.response.serialize()
  const saving = exchange.session.save()
  const refusal = (isThenable(saving) ? yield saving : saving) as Error | undefined
  if (refusal === undefined && exchange.hasListeners) exchange.emit('requestFinished', ctx.response)
  return refusal
}

/** Each after method must return the response [9.3, 9.4]. */
function checkResponse(ctx: Context, returned: unknown, hook: ResponseHook): void {
  if (returned === ctx.response) return
  throw new TypeError(
    `${hook.name || 'a function given to afterThisRequest'} returned ${describe(returned)}: an after method must return ` +
      'the response it was given, or makeResponse(...) for a new one',
  )
}

/** The 500 path: an error that no handler answered [6.2]. */
function* handleException(exchange: Exchange, error: Error): Coroutine<void> {
  const { propagateExceptions, afterRequestOnUnhandledError } = exchange.plan.settings
  exchange.noteError(error, false)
  exchange.response.noteFailure() // what listeners write is not the request's
  announce(exchange, error)
  if (propagateExceptions) {
    // The response is not sent, so a stream in it must not hold the context.
    exchange.response.reset()
    throw error
  }
  exchange.report(error)
  exchange.response.reset()
  const serverError = isInterruption(error) ? error : internalServerError(error)
  const handler = findErrorHandler(exchange.pipeline.errorHandlers, serverError)
  try {
    if (handler === undefined) exchange.response.make(serverError, serverError.name)
    else yield* runErrorHandler(handler, serverError, exchange, error)
  } catch (failure) {
    return sendBarePage(exchange, toError(failure), serverError)
  }
  if (handler !== undefined) exchange.noteError(error, true)
  else if (!afterRequestOnUnhandledError) return
  yield* processErrorResponse(exchange)
}

/** A listener that throws must not hide the error that it was given. */
function announce(exchange: Exchange, error: Error): void {
  try {
    exchange.emit('gotRequestException', error)
  } catch (thrown) {
    exchange.report(error)
    exchange.report(toError(thrown)) // once, if it is the same
  }
}

/** The 500 handler failed as well: the bare page, without after methods [6.7]. */
function sendBarePage(exchange: Exchange, failure: Error, serverError: Error): void {
  exchange.report(failure)
  exchange.response.reset()
  exchange.response.make(serverError, serverError.name)
}

/** The second pass: all after methods again, from the first. An error is only reported, and the response stays [6.5, 6.6]. */
function* processErrorResponse(exchange: Exchange): Coroutine<void> {
  try {
    const refusal = yield* processResponse(exchange)
    if (refusal !== undefined) throw refusal
  } catch (failure) {
    exchange.report(toError(failure))
    exchange.response.undoReplacement()
  }
}
