import type Koa from 'koa'
import { current } from './context'
import { addSignal } from './signal'
import { koaSession, nullSession, outerSession, type Keys, type SessionInterface, type SessionOptions } from './session'

/** A lifecycle in one application: what is known when that application's first request arrives, and not before. */
export class Installation {
  /** Whether anybody has ever listened to a signal here. */
  isHeard: boolean

  constructor(
    readonly app: Koa,
    readonly sessions: SessionInterface,
  ) {
    addSignal(app)
    this.isHeard = SIGNALS.some(name => app.listenerCount(name) > 0)
    app.on('newListener', (name: string) => {
      if (SIGNALS.includes(name)) this.isHeard = true
    })
  }
}

/** What a request tells the listeners of its application, besides `error` (docs/rules.md section 15). */
const SIGNALS = [
  ...['appContextPushed', 'requestStarted', 'requestFinished', 'gotRequestException', 'messageFlashed'],
  ...['requestTearingDown', 'appContextTearingDown', 'appContextPopped'],
]

/** The installations of one lifecycle, which may be used by several applications. */
export class Installations {
  private readonly byApp = new WeakMap<Koa, Installation>()
  /** Most lifecycles have one application. */
  private latest: Installation | undefined
  private signedBy: ReturnType<typeof koaSession> | undefined
  private readonly own: SessionInterface | undefined
  /** Whether an application's own session, or that of a lifecycle around this one, is used if there is one. */
  readonly sharesSession: boolean

  constructor(session: SessionOptions | undefined, keys: readonly string[] | undefined) {
    // Mistakes in the options are found now, even if no request ever has keys.
    if (session !== undefined) this.signedBy = koaSession(session)
    this.own = keys !== undefined || session?.signed === false ? this.sessionsSignedBy(keys) : undefined
    this.sharesSession = this.own === undefined && session === undefined
  }

  of(app: Koa): Installation {
    return this.latest?.app === app ? this.latest : (this.latest = this.find(app))
  }

  private find(app: Koa): Installation {
    const known = this.byApp.get(app)
    if (known !== undefined) return known
    const installation = new Installation(app, this.sessionsOf(app))
    this.byApp.set(app, installation)
    return installation
  }

  private sessionsSignedBy(keys: Keys | undefined): SessionInterface {
    this.signedBy ??= koaSession({})
    return this.signedBy(keys)
  }

  /** Found out at the first request: an existing application may get its keys at any time. */
  private sessionsOf(app: Koa): SessionInterface {
    const appKeys = app.keys as Keys | undefined // Koa's type leaves out that there may be none
    const taken = 'session' in app.context && !extended.has(app)
    if (!taken) extend(app)
    return (
      this.own ?? (taken && this.sharesSession ? outerSession : appKeys ? this.sessionsSignedBy(appKeys) : nullSession)
    )
  }
}

/** Applications whose `ctx.session` comes from here. */
const extended = new WeakSet<Koa>()

/** `ctx.session`, as Koa's users know it. */
function extend(app: Koa): void {
  extended.add(app)
  Object.defineProperty(app.context, 'session', { get: () => current('ctx.session').session, configurable: true })
}
