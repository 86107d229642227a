import type Koa from 'koa'
import type { Config, Context, KoaResponse } from './types'

/**
 * The lifecycle events that the application emits, Flask's signals, with the arguments of their listeners. `ctx` is
 * `undefined` for `withAppContext`, which has no request.
 */
export interface LifecycleEvents {
  appContextPushed: [ctx: Context | undefined]
  requestStarted: [ctx: Context]
  /** Emitted after the session is saved and before the response is sent. */
  requestFinished: [response: KoaResponse, ctx: Context]
  /** Emitted for an error that no handler answered. */
  gotRequestException: [error: Error, ctx: Context]
  messageFlashed: [message: unknown, category: string, ctx: Context]
  /** Emitted by `flaskoa/templates`; the name is `undefined` for a template that was given as a text. */
  templateRendered: [name: string | undefined, context: Readonly<Record<string, unknown>>, ctx: Context | undefined]
  requestTearingDown: [error: Error | undefined, ctx: Context]
  appContextTearingDown: [error: Error | undefined, ctx: Context | undefined]
  appContextPopped: [ctx: Context | undefined]
}

/** Editors suggest the names of lifecycle events. All other names are allowed, such as Koa's `error`. */
type EventName = keyof LifecycleEvents | (string & {}) | symbol

type EventListener<Name> = Name extends keyof LifecycleEvents
  ? (...args: LifecycleEvents[Name]) => void
  : (...args: any[]) => void

/** What `app.use(…)` returns: an Application with the state and context that its middleware adds. */
export interface ApplicationWith<StateT, ContextT> extends Koa<StateT, ContextT> {
  /**
   * Aborted when `gracefulShutdown` begins, so that long streams can end by themselves. An application of your own has it
   * once it was given to `gracefulShutdown`, or had its first request.
   */
  readonly shutdownSignal?: AbortSignal
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
 * A Koa application with typed lifecycle events, as `bootstrap` returns it. With `lifecycle` and a Koa application of
 * your own: `const app: Application = new Koa()`.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- only gives the type a short name
export interface Application extends ApplicationWith<Koa.DefaultState, Koa.DefaultContext> {}

/** What `currentApp()` returns. */
export interface CurrentApplication extends Application {
  /** The values of the extension of `flaskoa/config`. Without it, reading this throws an error. */
  readonly config: Readonly<Config>
}

/** What `bootstrap` returns: `shutdownSignal` is there from the start, and `ready`. */
export interface BootstrappedApplication extends CurrentApplication {
  readonly shutdownSignal: AbortSignal
  /**
   * Runs the `@OnStart` methods, once, and resolves when they have ended. `listen` and `testClient` do this by themselves; call it
   * before another server listens. Rejects with a `StartError` when a method has failed, and then each time.
   */
  ready(): Promise<void>
}
