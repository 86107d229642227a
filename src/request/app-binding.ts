import type Koa from 'koa'
import type { Extension } from '../plan/extension'
import { refuseAsync } from '../plan/extensions'
import { addSignal } from '../connection/abort-signal'
import type { LifecycleEvents } from '../events'
import { cancelReplacedBodies } from '../response/replaced-bodies'
import { koaSession, type Keys } from '../session/koa-session'
import type { SessionInterface } from '../session/interface'
import { nullSession } from '../session/null-session'
import type { SessionOptions } from '../session/options'
import { outerSession } from '../session/outer-session'
import { dedupeKoaErrors } from './dedupe-koa-errors'
import { emitError } from './error-event'
import { httpRouteSetter } from './http-route'
import { addContextProperties, addSession, hasForeignSession, type ContextValues } from './context-properties'
import { addRequestMethods } from './request-methods'
import { addResponseMethods } from './response-methods'
import { addRouteProperties } from './route-properties'
import { ShutdownSignal } from './shutdown-signal'

/** The events that a request emits on its application, besides `error` [15]. */
const LIFECYCLE_EVENTS = Object.keys({
  appContextPushed: true,
  requestStarted: true,
  requestFinished: true,
  gotRequestException: true,
  messageFlashed: true,
  templateRendered: true,
  requestTearingDown: true,
  appContextTearingDown: true,
  appContextPopped: true,
} satisfies Record<keyof LifecycleEvents, true>)

/** A lifecycle in one application: what is known when that application's first request arrives, and not before. */
export class AppBinding {
  /** Whether there ever was a listener for an event of the lifecycle. */
  hasListeners: boolean
  /** Tells OpenTelemetry the rule of a request, if it was there when the first request arrived. */
  readonly setHttpRoute = httpRouteSetter()

  constructor(
    readonly app: Koa,
    readonly sessions: SessionInterface,
    values: ContextValues,
  ) {
    prepareContexts(app, values)
    this.hasListeners = LIFECYCLE_EVENTS.some(name => app.listenerCount(name) > 0)
    app.on('newListener', (name: string) => {
      if (LIFECYCLE_EVENTS.includes(name)) this.hasListeners = true
    })
  }
}

/** The bindings of one lifecycle, which several applications may use. */
export class AppBindings {
  /** Whether an application's own session, or that of a lifecycle around this one, is used if there is one. */
  readonly sharesSession: boolean
  /** Those of all applications that use this lifecycle, also mounted in another, which then is `ctx.app`. */
  readonly shutdownSignals = new Set<ShutdownSignal>()
  /** Weak: an application that is no longer used must not be kept by the lifecycle. */
  readonly #byApp = new WeakMap<Koa, AppBinding>()
  readonly #own: SessionInterface | undefined
  readonly #values: ContextValues
  /** Most lifecycles have one application. */
  #latest: AppBinding | undefined
  #signedBy: ReturnType<typeof koaSession> | undefined

  readonly #extensions: readonly Extension[]
  readonly #extended = new WeakSet<Koa>()

  constructor(
    session: SessionOptions | undefined,
    keys: readonly string[] | undefined,
    values: ContextValues,
    extensions: readonly Extension[],
  ) {
    this.#values = values
    this.#extensions = extensions
    // Mistakes in the options are found now, even if no request ever has keys.
    if (session !== undefined) this.#signedBy = koaSession(session)
    this.#own = keys !== undefined || session?.signed === false ? this.#sessionsSignedBy(keys) : undefined
    this.sharesSession = this.#own === undefined && session === undefined
  }

  /**
   * Prepares an application before its first request, for the middleware in front of this lifecycle: with `ctx.session` if it
   * is certain that this lifecycle has a session of its own.
   */
  prepare(app: Koa): void {
    prepareContexts(app, this.#values)
    this.addShutdownSignal(app)
    this.#extend(app)
    if (this.#own !== undefined && !('session' in app.context)) addSession(app, this.#values)
  }

  of(app: Koa): AppBinding {
    return this.#latest?.app === app ? this.#latest : (this.#latest = this.#find(app))
  }

  /** Whether a shutdown of one of these applications has begun. */
  get isShuttingDown(): boolean {
    return [...this.shutdownSignals].some(({ isAnnounced }) => isAnnounced)
  }

  /** Also in a shutdown: the first request of a mounted application may arrive then. */
  addShutdownSignal(app: Koa): void {
    const signal = ShutdownSignal.of(app)
    if (this.shutdownSignals.has(signal)) return
    for (const each of this.shutdownSignals) signal.follow(each)
    this.shutdownSignals.add(signal)
  }

  #find(app: Koa): AppBinding {
    const known = this.#byApp.get(app)
    if (known !== undefined) return known
    this.addShutdownSignal(app)
    this.#extend(app)
    const binding = new AppBinding(app, this.#sessionsOf(app), this.#values)
    this.#byApp.set(app, binding)
    return binding
  }

  #extend(app: Koa): void {
    if (this.#extended.has(app)) return
    this.#extended.add(app)
    for (const extension of this.#extensions) refuseAsync(extension.attach?.(app), 'attach', extension)
  }

  #sessionsSignedBy(keys: Keys | undefined): SessionInterface {
    this.#signedBy ??= koaSession({})
    return this.#signedBy(keys)
  }

  /** Found out at the first request: an existing application may get its keys at any time. */
  #sessionsOf(app: Koa): SessionInterface {
    const appKeys = app.keys as Keys | undefined // Koa's type leaves out that there may be none
    const taken = hasForeignSession(app)
    if (!taken) addSession(app, this.#values)
    if (this.#own !== undefined) return this.#own
    if (taken && this.sharesSession) return outerSession
    if (appKeys) return this.#sessionsSignedBy(appKeys)
    return nullSession(error => {
      emitError(app, error)
    })
  }
}

/** What `ctx`, its request and its response have in each application with a lifecycle. */
function prepareContexts(app: Koa, values: ContextValues): void {
  addSignal(app)
  addContextProperties(app, values)
  dedupeKoaErrors(app)
  cancelReplacedBodies(app)
  addRouteProperties(app)
  addRequestMethods(app)
  addResponseMethods(app)
}
