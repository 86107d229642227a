import type * as KoaSessionModule from 'koa-session'
import type { Context } from '../types'
import { isRecord } from '../util/is-record'
import { withExpiry, withTime } from './age'
import { needForHttps } from './check-options'
import { checkedFunctions } from './checked-functions'
import { cookieCodec, withValidFields } from './cookie-codec'
import type { CookieSigner } from './cookie-signer'
import { SessionCookies } from './cookies'
import type { Reporter } from './interface'
import type { SessionStore, SessionSettings } from './options'
import type { StoreEntry } from './store-entry'
import type { Lifetime } from './lifetime'

/** The part of koa-session's model that flaskoa uses. */
export interface KoaSessionModel {
  readonly isNew: boolean
  readonly maxAge: Lifetime
  /** When a loaded session expires, in milliseconds since 1970; `undefined` if it lasts until the browser closes. */
  readonly _expire?: number
  readonly externalKey?: string
  toJSON(): Record<string, unknown>
  save(): Promise<void>
  manuallyCommit(): Promise<void>
}

/**
 * The request's store entry on koa-session's context, where `ENTRIES` finds it. A symbol, because koa-session's and users'
 * code sees that context and must not meet the entry.
 */
const ENTRY = Symbol('flaskoa:session-entry')

/** A Koa context with koa-session's properties. */
export type KoaSessionContext = Omit<Context, 'session' | 'cookies'> & {
  session: KoaSessionModel | Record<string, unknown> | null
  readonly sessionOptions: { maxAge: Lifetime; rolling: boolean }
  readonly cookies: SessionCookies
  readonly [ENTRY]: StoreEntry | undefined
}

/**
 * koa-session's store: passes each call to the entry of the request, which calls the user's store. What is there without a
 * time may be used, since a client can't have written it; fields that koa-session could not read are left out.
 */
const entriesFor = ({ maxAge: configured }: SessionSettings): SessionStore => ({
  async get(key, maxAge, options) {
    const session = await entryOf(options.ctx).get(key, maxAge, options)
    return isRecord(session)
      ? withExpiry(withValidFields(session), { maxAge: configured, acceptUndated: true })
      : session
  },
  set: (key, session, maxAge, options) => entryOf(options.ctx).set(key, withTime(session), maxAge, options),
  destroy: (key, options) => entryOf(options.ctx).destroy(key, options.ctx),
})

const entryOf = (ctx: Context) => (ctx as unknown as KoaSessionContext)[ENTRY] as StoreEntry

const noop = () => Promise.resolve()

/** Runs koa-session on contexts of flaskoa's own, so that the application's own `ctx.session` stays unchanged. */
export class KoaSessionAdapter {
  readonly #middleware: KoaSessionMiddleware
  /** The properties that koa-session adds to contexts. */
  readonly #extension: object
  /** The symbols under which koa-session keeps its state on a context. Hidden, so that it can't find the application's own. */
  readonly #sessionSymbols: readonly symbol[]
  readonly #settings: SessionSettings
  readonly #warnOfHttp: () => void

  constructor(settings: SessionSettings) {
    const host = createHost()
    this.#middleware = createMiddleware(settings, host)
    this.#extension = Object.create(null, Object.getOwnPropertyDescriptors(host.context)) as object
    this.#sessionSymbols = sessionSymbolsOf(this.#extension)
    this.#settings = settings
    this.#warnOfHttp = httpWarning(settings)
  }

  contextOf(ctx: Context, signer: CookieSigner | undefined, reporter: Reporter, entry?: StoreEntry): KoaSessionContext {
    const own = Object.create(this.#extension) as Record<string | symbol, unknown>
    own.cookies = new SessionCookies(ctx, signer, this.#settings.key, reporter, this.#warnOfHttp)
    own[ENTRY] = entry
    for (const symbol of this.#sessionSymbols) own[symbol] = undefined
    return new Proxy(ctx, new ContextOverlay(own)) as unknown as KoaSessionContext
  }

  /** Reads the session from the store. */
  load(context: KoaSessionContext): Promise<void> {
    return this.#middleware(context, noop)
  }
}

/** Makes a function that warns once of a cookie that is sent over plain http although browsers take it over HTTPS only. */
function httpWarning(settings: SessionSettings): () => void {
  let reason = needForHttps(settings)
  return () => {
    if (reason === undefined) return
    // Other such cookies are not Secure over http, or have a name for https alone.
    const exception = reason === 'secure: true' ? ', except Chrome and Firefox on localhost' : ''
    process.emitWarning(
      `session: { ${reason} }: the session's cookie was sent over plain http, where browsers do not keep it${exception}. ` +
        'Behind a proxy that ends TLS, let Koa trust its X-Forwarded-Proto: koa: { proxy: true }, or app.proxy = true in an ' +
        'application of your own.',
      { type: 'FlaskoaWarning', code: 'FLASKOA_SECURE_COOKIE_OVER_HTTP' },
    )
    reason = undefined
  }
}

/** The symbols under which koa-session keeps its state on a context whose session was read. */
function sessionSymbolsOf(extension: object): symbol[] {
  const probe = Object.create(extension) as object
  Reflect.get(probe, 'sessionOptions')
  return Object.getOwnPropertySymbols(probe)
}

/**
 * A request's ctx with the session's own properties laid over it; their getters and setters get the combined object as
 * `this`. Not an object that inherits from ctx: V8 would then give each ctx a hidden class of its own, which slows down all
 * code that uses it (half of a session's cost).
 * (`private`, not `#`: a `#` field costs more to create, and each request with a session creates one.)
 */
class ContextOverlay implements ProxyHandler<Context> {
  constructor(private readonly own: object) {}

  get(ctx: Context, key: string | symbol, receiver: unknown): unknown {
    return key in this.own ? Reflect.get(this.own, key, receiver) : Reflect.get(ctx, key)
  }

  set(ctx: Context, key: string | symbol, value: unknown, receiver: unknown): boolean {
    if (!(key in this.own)) return Reflect.set(ctx, key, value)
    return Object.hasOwn(this.own, key)
      ? Reflect.set(this.own, key, value)
      : Reflect.set(this.own, key, value, receiver)
  }

  has(ctx: Context, key: string | symbol): boolean {
    return key in this.own || key in ctx
  }
}

type KoaSessionMiddleware = (ctx: unknown, next: unknown) => Promise<void>

/** A stand-in for the application: koa-session extends its `context` instead of a real application's. */
const createHost = () => ({ context: {}, use: noop })

/** Sessions are saved where Flask does it, so koa-session's automatic commit is off. */
function createMiddleware(settings: SessionSettings, host: object): KoaSessionMiddleware {
  const hasStore = settings.store !== undefined || settings.ContextStore !== undefined
  const options = {
    ...settings,
    ...checkedFunctions(settings),
    ...cookieCodec(settings),
    ...(hasStore && { store: entriesFor(settings), ContextStore: undefined }),
    autoCommit: false,
  }
  // Loaded only if sessions are used: it loads a schema library, which takes a third of the start-up time.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would make bootstrap asynchronous
  const { default: createKoaSession } = require('koa-session') as typeof KoaSessionModule
  return createKoaSession(options as KoaSessionModule.CreateSessionOptions, host)
}
