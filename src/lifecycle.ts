import { findErrorHandler } from './error-handlers'
import { internalServerError, isHttpError, describe, ThrownResponse, toError } from './errors'
import type { Exchange, ResponseHook } from './exchange'
import type { Steps } from './steps'
import { isInterruption } from './interruptions'
import { isRefusal } from './session/failures'
import { isThenable } from './thenable'

/**
 * Flask's request lifecycle. It knows no Koa: what it needs of the world outside is an `Exchange`. Numbers in brackets are
 * the rules of Flask's behaviour that a line keeps. Whatever may be a promise is yielded if it is one (steps.ts).
 */

/** A response value and who gave it. */
interface Answer {
  readonly value: unknown
  readonly by: string
}

/** Runs one request from the session's opening to its teardown, which runs whatever happened [7.2]. */
export function* handleRequest<C, R>(exchange: Exchange<C, R>): Steps<void> {
  let error: Error | undefined
  try {
    try {
      exchange.signal('appContextPushed')
      const opening = exchange.openSession()
      if (isThenable(opening)) yield opening
      exchange.match()
      if (!exchange.firstRequest.passed) yield exchange.firstRequest.pass()
      yield* fullDispatchRequest(exchange)
    } catch (thrown) {
      error = toError(thrown)
      yield* handleException(exchange, error)
    }
  } finally {
    const ending = exchange.end(error)
    if (ending !== undefined) yield* ending
  }
}

/** The methods up to the view, the response that they or an error handler give, and the after methods. */
function* fullDispatchRequest<C, R>(exchange: Exchange<C, R>): Steps<void> {
  let answer: Answer | undefined
  try {
    exchange.signal('requestStarted')
    const { pipeline, endpoint, values, ctx } = exchange
    const { preprocessors, view } = pipeline
    for (let index = 0; index < preprocessors.length; index++) {
      const running = preprocessors[index]?.(endpoint, values, ctx) // what it returns is ignored [2.6]
      if (isThenable(running)) yield running
    }
    for (let given = firstGiven(exchange, 0); given !== undefined; given = firstGiven(exchange, given.next)) {
      const value = isThenable(given.value) ? yield given.value : given.value
      // The first value that is not none is the answer, whatever the URL [2.2].
      if (value !== undefined && value !== null) {
        answer = { value, by: given.by.name }
        break
      }
      exchange.refuseUnreturned(given.by)
    }
    if (answer === undefined) {
      const result = view(exchange)
      answer = { value: isThenable(result) ? yield result : result, by: view.name }
    }
  } catch (thrown) {
    answer = yield* handleUserException(exchange, toError(thrown))
  }
  exchange.makeResponse(answer.value, answer.by)
  const refusal = yield* processResponse(exchange)
  if (refusal !== undefined) yield* answerRefusal(exchange, refusal)
}

/** What a before method returned, and where the one after it stands. */
interface Given<C> {
  readonly value: unknown
  readonly by: (ctx: C) => unknown
  readonly next: number
}

/**
 * Runs the before methods from `index` on, as far as they return nothing. (No part of the generator, where V8 keeps the loop's
 * state in memory: a sixth of what a method costs.)
 */
function firstGiven<C, R>(exchange: Exchange<C, R>, index: number): Given<C> | undefined {
  const { ctx, pipeline } = exchange
  const { before } = pipeline
  for (; index < before.length; index++) {
    const by = before[index] as (ctx: C) => unknown
    const value = by(ctx)
    if (value !== undefined) return { value, by, next: index + 1 }
    exchange.refuseUnreturned(by)
  }
  return undefined
}

/** The session could not be saved, which an HTTP error tells: its handler answers, and all after methods run again. */
function* answerRefusal<C, R>(exchange: Exchange<C, R>, refusal: Error): Steps<void> {
  const { value, by } = yield* handleUserException(exchange, refusal)
  exchange.makeResponse(value, by)
  const again = yield* processResponse(exchange)
  if (again !== undefined) throw again
}

/** The user's handler for an error, or the error itself when it is an HTTP error nobody handles [5.1, 5.2, 5.3]. */
function* handleUserException<C, R>(exchange: Exchange<C, R>, error: Error): Steps<Answer> {
  const isAnswer = (isHttpError(error) || error instanceof ThrownResponse) && !exchange.settings.trapHttpExceptions
  if (isAnswer && error instanceof ThrownResponse) return { value: error.respond(), by: error.message }
  const handler = findErrorHandler(exchange.pipeline.errorHandlers, error)
  if (handler === undefined && !isAnswer) throw error
  if (handler === undefined && isInterruption(error)) exchange.report(error)
  exchange.resetResponse()
  const result = handler === undefined ? error : handler(error, exchange.ctx)
  const value = isThenable(result) ? yield result : result
  exchange.noteError(error, true)
  return { value, by: handler?.name ?? error.name }
}

/**
 * The after methods and the session: what was registered for this request alone comes first [9.1].
 *
 * @returns the HTTP error with which the session refuses to be saved
 */
function* processResponse<C, R>(exchange: Exchange<C, R>): Steps<Error | undefined> {
  const { ctx, afterThisRequest, pipeline } = exchange
  for (let hooks = afterThisRequest; ; hooks = pipeline.after) {
    // The list may grow: one registered for this request may register another for the same pass [9.1].
    for (let index = 0; index < hooks.length; index++) {
      const hook = hooks[index] as ResponseHook<C, R>
      const result = hook(exchange.response, ctx)
      checkResponse(exchange, isThenable(result) ? yield result : result, hook)
    }
    if (hooks === pipeline.after) break
  }
  exchange.settleResponse()
  try {
    const saving = exchange.saveSession()
    if (isThenable(saving)) yield saving
  } catch (thrown) {
    if (isRefusal(thrown)) return thrown
    throw thrown
  }
  exchange.signal('requestFinished', exchange.response)
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
function* handleException<C, R>(exchange: Exchange<C, R>, error: Error): Steps<void> {
  const { propagateExceptions, afterRequestOnUnhandledError } = exchange.settings
  exchange.noteError(error, false)
  exchange.signal('gotRequestException', error)
  if (propagateExceptions) {
    // Nothing of the response goes out: a stream in it must not hold the context.
    exchange.resetResponse()
    throw error
  }
  exchange.report(error)
  exchange.resetResponse()
  const serverError = isInterruption(error) ? error : internalServerError(error)
  const handler = findErrorHandler(exchange.pipeline.errorHandlers, serverError)
  try {
    const result = handler === undefined ? serverError : handler(serverError, exchange.ctx)
    exchange.makeResponse(isThenable(result) ? yield result : result, handler?.name ?? serverError.name)
  } catch (failure) {
    return leaveBarePage(exchange, toError(failure), serverError)
  }
  if (handler !== undefined) exchange.noteError(error, true)
  else if (!afterRequestOnUnhandledError) return
  yield* processErrorResponse(exchange)
}

/** A 500 handler failed as well: the bare page, without after methods [6.7]. */
function leaveBarePage<C, R>(exchange: Exchange<C, R>, failure: Error, serverError: Error): void {
  exchange.report(failure)
  exchange.resetResponse()
  exchange.makeResponse(serverError, serverError.name)
}

/** The second pass: all after methods again, from the first. What fails now is told, and the response stands [6.5, 6.6]. */
function* processErrorResponse<C, R>(exchange: Exchange<C, R>): Steps<void> {
  try {
    const refusal = yield* processResponse(exchange)
    if (refusal !== undefined) throw refusal
  } catch (failure) {
    exchange.report(toError(failure))
    exchange.keepFirstResponse()
  }
}
