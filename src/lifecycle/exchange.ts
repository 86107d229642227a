import type { LifecycleEvents } from '../events'
import type { Awaitable, Context, HttpError, Outcome, Response } from '../types'
import type { ErrorHandlers } from './error-handlers'
import type { FirstRequest } from './first-request'

export type ViewValues = Record<string, unknown>
export type ResponseHook = (response: Response, ctx: Context) => unknown
type TeardownMethod = (error: Error | undefined, ctx: Context) => unknown
type TeardownAppContextMethod = (error: Error | undefined, ctx: Context | undefined) => unknown

/** What runs for one route, decided at bootstrap and frozen. Each function is named `Class.method`. */
export interface Pipeline {
  /** Application first, then from the outermost blueprint in [1.3]. */
  readonly preprocessors: readonly ((
    endpoint: string | undefined,
    values: ViewValues | undefined,
    ctx: Context,
  ) => unknown)[]
  /** Application first, then from the outermost blueprint in. */
  readonly before: readonly ((ctx: Context) => unknown)[]
  readonly view: (exchange: Exchange) => unknown
  /** Whether it does not need the application to have started, nor its first request. */
  readonly isApart?: boolean
  /** Innermost blueprint first, each scope reversed, application last [1.4]. */
  readonly after: readonly ResponseHook[]
  /** Innermost blueprint first, each scope reversed, application last [7.1]. */
  readonly teardown: readonly TeardownMethod[]
  /** In the order of teardown. */
  readonly afterResponse: readonly ((outcome: Outcome, ctx: Context) => unknown)[]
  /** Innermost blueprint first, application last. */
  readonly errorHandlers: readonly ErrorHandlers[]
}

export interface LifecycleSettings {
  readonly propagateExceptions: boolean
  readonly trapHttpExceptions: boolean
  readonly afterRequestOnUnhandledError: boolean
}

/** What a request and code outside of requests have in common. */
export interface Surroundings {
  readonly ctx: Context | undefined
  /** The plan; its methods are in reverse order of registration [1.4]. */
  readonly plan: { readonly teardownAppContext: readonly TeardownAppContextMethod[] }
  /** Emits an event of the lifecycle on the application [15.1]. */
  emit(name: keyof LifecycleEvents, ...args: unknown[]): void
  /** Emits the application's `error` event. Never throws. */
  report(error: Error): void
}

/** One request as the lifecycle sees it. */
export interface Exchange extends Surroundings {
  readonly ctx: Context
  /** Whether `emit` may reach a listener. */
  readonly hasListeners: boolean
  readonly plan: Surroundings['plan'] & { readonly settings: LifecycleSettings; readonly firstRequest: FirstRequest }
  readonly session: ExchangeSession
  readonly response: ExchangeResponse
  /** The application's own pipeline until `match` has found the route's. */
  readonly pipeline: Pipeline
  readonly endpoint: string | undefined
  readonly values: ViewValues | undefined
  readonly afterThisRequest: readonly ResponseHook[]
  /** Runs the application's `@OnStart` methods, unless that was done before. */
  whenStarted(): PromiseLike<void> | undefined
  /** Finds the route. A URL without a route fails later, at the point where its view would run. */
  match(): void
  /** Notes what went wrong, and whether an error handler has answered it, for the request's outcome. */
  noteError(error: Error, handled: boolean): void
  /** Calls the middleware after the lifecycle, which may answer a URL without a rule. There is a `refusal` if it does not. */
  callNext(): unknown
  /** What answers a URL that no rule matches. Not thrown: that costs as much as the error's page. */
  readonly refusal?: Error
  /** The automatic answer to OPTIONS [4.2]. */
  answerOptions(): unknown
}

/** The session of one request. */
export interface ExchangeSession {
  open(): unknown
  /** @returns an HTTP error, for its handlers, if the request can't be answered because the session can't be saved */
  save(): Awaitable<HttpError | undefined>
}

/** What a route declares of the answers of its view. */
export interface DeclaredAnswers {
  /** The view, for errors. */
  readonly method: string
  /** The status of what the view returns as it is. */
  readonly ownStatus: number
  declares(status: number): boolean
  /** Whether a response of this status may have a body. */
  hasBody(status: number): boolean
  /** Returns what is to be sent for a value, or a promise of it. Throws a ResponseMismatch for one that does not fit. */
  check(status: number, value: unknown, report: (error: Error) => void): unknown
}

/** The response of one request. */
export interface ExchangeResponse {
  /** Whether `makeResponse` or `redirect` made a response that no method has returned. */
  readonly hasUnreturned: boolean
  /** Throws a TypeError that names the method `by` if there is such a response. */
  assertReturned(by: string): void
  /** Puts a value into Koa's response. Throws a TypeError that names `by` when the value can't be one. */
  make(value: unknown, by: string): void
  /** What is written by now belongs to the request: each of its responses has these fields. Called behind code that wrote. */
  noteRequestFields(): void
  /** The view begins: what is written from here on belongs to its answer. */
  beginAnswer(): void
  /** Runs the view of a route that declares its answers, and checks what it answers. */
  answerDeclared(view: Pipeline['view'], answers: DeclaredAnswers, exchange: Exchange): unknown
  /** The same for an error. If it comes before the view, what is written by now belongs to the request. */
  noteFailure(): void
  /** Undoes everything but the request's own fields. */
  reset(): void
  /** Serializes a body that an after method has set. */
  serialize(): void
  /** Undoes a replacement by an after method of the pass that failed [6.6]. */
  undoReplacement(): void
}
