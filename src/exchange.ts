import type { ErrorHandlers } from './error-handlers'
import type { FirstRequest } from './first-request'
import type { Outcome } from './outcome'
import type { Steps } from './steps'

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
  /** In the order of teardown. */
  readonly afterResponse: readonly ((outcome: Outcome, ctx: Context) => unknown)[]
  /** Innermost blueprint first, application last. */
  readonly errorHandlers: readonly ErrorHandlers<Context>[]
}

type Teardown<Context> = (error: Error | undefined, ctx: Context) => unknown
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
  /** Keeps what went wrong, and whether somebody has answered it, for those who are told of the outcome. */
  noteError(error: Error, handled: boolean): void
  /** Lets others answer a URL without a route; throws its failure if nobody does. */
  passOn(): unknown
  /** The automatic answer to OPTIONS [4.2]. */
  answerOptions(): unknown
  /** Forgets what was written to the response since the lifecycle received it. */
  resetResponse(): void
  /** Throws when a response was made and not returned. */
  refuseUnreturned(by: { readonly name: string }): void
  /** Puts a value into the response. Throws a TypeError that names `by` when the value can't be one. */
  makeResponse(value: unknown, by: string): void
  /** Serialises a body that a hook has set. */
  settleResponse(): void
  /** Undoes a replacement by a hook of the pass that failed [6.6]. */
  keepFirstResponse(): void
  saveSession(): unknown
  /** Its teardown, if that is to run now: not as long as the response needs the context, or when there is nothing to run. */
  end(error: Error | undefined): Steps<void> | undefined
  /** All of its teardown has run. */
  tornDown(): void
}
