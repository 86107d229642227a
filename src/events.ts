import type Koa from 'koa'
import type { Context, KoaResponse } from './types'

/**
 * The events of a request on the application, with what their listeners get: Flask's signals. `ctx` is `undefined` for
 * `withAppContext`, which has no request.
 */
export interface LifecycleEvents {
  appContextPushed: [ctx: Context | undefined]
  requestStarted: [ctx: Context]
  /** Before the response is sent; after the session was saved. */
  requestFinished: [response: KoaResponse, ctx: Context]
  /** An error that no handler has answered. */
  gotRequestException: [error: Error, ctx: Context]
  messageFlashed: [message: unknown, category: string, ctx: Context]
  requestTearingDown: [error: Error | undefined, ctx: Context]
  appContextTearingDown: [error: Error | undefined, ctx: Context | undefined]
  appContextPopped: [ctx: Context | undefined]
}

/** Known names are suggested; every other one is an event as well, such as Koa's `error`. */
type EventName = keyof LifecycleEvents | (string & {}) | symbol

type EventListener<Name> = Name extends keyof LifecycleEvents
  ? (...args: LifecycleEvents[Name]) => void
  : (...args: any[]) => void

/** An Application whose middleware adds to the state and the context: what `app.use(…)` returns. */
export interface ApplicationWith<StateT, ContextT> extends Koa<StateT, ContextT> {
  use<NewStateT = Record<never, never>, NewContextT = Record<never, never>>(
    middleware: Koa.Middleware<StateT & NewStateT, ContextT & NewContextT>,
  ): ApplicationWith<StateT & NewStateT, ContextT & NewContextT>
  on<Name extends EventName>(name: Name, listener: EventListener<Name>): this
  once<Name extends EventName>(name: Name, listener: EventListener<Name>): this
  off<Name extends EventName>(name: Name, listener: EventListener<Name>): this
  addListener<Name extends EventName>(name: Name, listener: EventListener<Name>): this
  removeListener<Name extends EventName>(name: Name, listener: EventListener<Name>): this
  prependListener<Name extends EventName>(name: Name, listener: EventListener<Name>): this
  prependOnceListener<Name extends EventName>(name: Name, listener: EventListener<Name>): this
}

/**
 * A Koa application whose lifecycle events are typed, as `bootstrap` makes it. For `lifecycle`, with a Koa application of your
 * own: `const app: Application = new Koa()`.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its name is all that it adds
export interface Application extends ApplicationWith<Koa.DefaultState, Koa.DefaultContext> {}
