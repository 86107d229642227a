import type { ServerResponse } from 'node:http'
import Cookies from 'cookies'
import type * as KoaSessionModule from 'koa-session'
import type Koa from 'koa'
import { NULL_SESSION, serialise, SessionValues, tracked, type Lifetime, type Model } from './session-values'
import { SetupError } from './setup-error'
import type { Context, Session } from './types'

export type Keys = readonly string[] | Koa['keys']

/** A Koa context with koa-session on it. */
type ModelContext = Omit<Context, 'session' | 'cookies'> & {
  session: Model | Record<string, unknown> | null
  readonly sessionOptions: { maxAge: Lifetime; rolling: boolean }
  readonly cookies: SessionCookies
}

/** A request's session: opened before all hooks, saved after them (docs/rules.md 13.1). */
export interface OpenSession {
  readonly data: Session
  save(ctx: Context): unknown
}

/** Where sessions come from: Flask's word for it. */
export interface SessionInterface {
  /** Reads what must be there before the first hook; a store is asked now, a cookie only when somebody looks. */
  open(ctx: Context): OpenSession | Promise<OpenSession>
}

/** The cookie's attributes, which koa-session passes on and leaves out of its type. */
type CookieAttributes = Pick<Cookies.SetOption, 'domain' | 'path' | 'partitioned' | 'priority'>

/** koa-session's options, and Flask's lifetime for `session.permanent`. */
export interface SessionOptions
  extends Omit<KoaSessionModule.CreateSessionOptions, 'autoCommit' | 'store' | 'externalKey'>, CookieAttributes {
  /** Where session contents live instead of in the cookie. Lifetimes are in milliseconds, or `'session'`. */
  store?: SessionStore
  /** How the store's key travels instead of in the cookie. */
  externalKey?: { get(ctx: Context): string | undefined; set(ctx: Context, key: string): void }
}

export interface SessionStore {
  get(key: string, maxAge: number | 'session', options: { ctx: Context; rolling: boolean }): unknown
  set(
    key: string,
    session: Record<string, unknown>,
    maxAge: number | 'session',
    options: { ctx: Context; rolling: boolean; changed: boolean },
  ): unknown
  destroy(key: string, options: { ctx: Context }): unknown
}

type Settings = SessionOptions & { key: string; maxAge: Lifetime }

const noop = () => Promise.resolve()

/**
 * koa-session behind Flask's rules: opened and saved where Flask does it, so its own automatic commit is off.
 *
 * @returns what makes sessions signed by `keys`: the first signs, all verify
 * @throws SetupError when koa-session refuses the options
 */
export function koaSession(options: SessionOptions): (keys: Keys | undefined) => SessionInterface {
  const { decode, store } = options
  const defaults = { key: 'koa.sess', maxAge: 'session' as const, sameSite: 'lax' }
  // An option that is undefined is one that was not given, and keeps its default.
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const settings: Settings = { ...defaults, ...given, ...(decode && { decode: lenient(decode) }) }
  // koa-session extends an application's ctx. It gets one of its own, so that a session the user's application has stays.
  const host = { context: {}, use: noop }
  const middleware = createMiddleware(settings, host)
  const extension = Object.getOwnPropertyDescriptors(host.context)
  const createContext = (ctx: Context, keys: Keys | undefined) => {
    const own: PropertyDescriptorMap = { ...extension, cookies: { value: new SessionCookies(ctx, keys) } }
    // A request's session is kept under a symbol of the ctx: that of the application's own must not be found here.
    for (const symbol of Object.getOwnPropertySymbols(ctx)) own[symbol] ??= { writable: true }
    return Object.create(ctx, own) as ModelContext
  }
  return keys => ({
    open(ctx) {
      const session = new KoaSession(() => createContext(ctx, keys), settings)
      if (store === undefined && options.ContextStore === undefined) return session
      return middleware(session.context, noop).then(() => session)
    },
  })
}

/** What can't be decoded is no session (docs/rules.md 13.7); koa-session would fail the request, and each one after it. */
function lenient(decode: NonNullable<SessionOptions['decode']>): typeof decode {
  return text => {
    try {
      return decode(text) as unknown
    } catch {
      return undefined
    }
  }
}

function createMiddleware(settings: SessionOptions, host: object): (ctx: unknown, next: unknown) => Promise<void> {
  try {
    // Only where sessions are used: it loads a library of schemas, a third of the time to start.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would make bootstrap asynchronous
    const { default: createKoaSession } = require('koa-session') as typeof KoaSessionModule
    return createKoaSession({ ...settings, autoCommit: false } as KoaSessionModule.CreateSessionOptions, host)
  } catch (cause) {
    throw new SetupError('BAD_OPTION', `option session: koa-session refuses it: ${(cause as Error).message}`, { cause })
  }
}

/** The cookies of one session. To read them changes nothing: what a session sends is sent when it is saved. */
class SessionCookies {
  /** Whether what was read is signed by a key that is no longer the first. */
  outdated = false
  readonly #ctx: Context
  readonly #keys: Keys | undefined

  constructor(ctx: Context, keys: Keys | undefined) {
    this.#ctx = ctx
    this.#keys = keys
  }

  get(name: string, options: Cookies.GetOption): string | undefined {
    const response = { getHeader: () => [], setHeader: () => (this.outdated = true) }
    return this.#cookies(response as unknown as ServerResponse).get(name, options)
  }

  set(name: string, value: string, options: Cookies.SetOption): void {
    this.#cookies(this.#ctx.res).set(name, value, options)
  }

  #cookies(response: ServerResponse): Cookies {
    const { req, secure } = this.#ctx
    return new Cookies(req, response, { keys: this.#keys as string[], secure })
  }
}

/** One request's session. Its values are a plain object; koa-session's model is made from it when it is saved. */
class KoaSession implements OpenSession {
  readonly #createContext: () => ModelContext
  readonly #settings: Settings
  #context: ModelContext | undefined
  #values: SessionValues | undefined
  #data: Session | undefined
  /** The values as they came, to see changes inside of them. */
  #loaded = ''

  constructor(createContext: () => ModelContext, settings: Settings) {
    this.#createContext = createContext
    this.#settings = settings
  }

  get context(): ModelContext {
    return (this.#context ??= this.#createContext())
  }

  get data(): Session {
    return (this.#data ??= tracked(this.#load()))
  }

  /** Reads the cookie, unless the store was read when the session was opened. */
  #load(): SessionValues {
    if (this.#values !== undefined) return this.#values
    const values = new SessionValues(this.context.session as Model, this.#settings.maxAge)
    this.#loaded = JSON.stringify(values)
    return (this.#values = values)
  }

  /** Sets, refreshes or deletes the cookie (docs/rules.md 13.2), and tells caches of it (13.4). */
  save(ctx: Context): Promise<void> | undefined {
    return this.#values === undefined && !this.#mayRefresh(ctx) ? undefined : this.#save(ctx)
  }

  async #save(ctx: Context): Promise<void> {
    const values = this.#load()
    const state = SessionValues.stateOf(values)
    const empty = Object.keys(values).length === 0 && !state.permanentByUser
    const refreshed = !empty && !ctx.headerSent && (this.#isRefreshed(state) || this.context.cookies.outdated)
    if (state.accessed || refreshed) ctx.vary('Cookie')
    // Serialised even when a write was noted: what JSON can't express must fail here and not get lost (docs/rules.md 13.8).
    const changed = serialise(values) !== this.#loaded
    const modified = state.modified || changed
    if (empty && modified) return this.#delete()
    if (modified || refreshed) return this.#write(values, state.maxAge, changed)
    if (this.#settings.renew === true && state.accessed) return (this.context.session as Model).manuallyCommit()
  }

  /** A permanent session's cookie is sent anew with each response, touched or not; `rolling` decides for all or none. */
  #isRefreshed(state: { maxAge: Lifetime }): boolean {
    return this.#settings.rolling ?? typeof state.maxAge === 'number'
  }

  #mayRefresh(ctx: Context): boolean {
    const { key, rolling, externalKey } = this.#settings
    return rolling !== false && (externalKey !== undefined || (ctx.req.headers.cookie?.includes(`${key}=`) ?? false))
  }

  async #write(values: object, maxAge: Lifetime, changed: boolean): Promise<void> {
    const { context } = this
    context.session = { ...values }
    const model = context.session as unknown as Model
    // Said again each time: saving makes koa-session forget that a lifetime was 'session'.
    Object.assign(context.sessionOptions, { maxAge, rolling: true })
    // A store may skip what is neither changed nor rolling, and only a commit tells it that the content has changed.
    await (changed ? model.manuallyCommit() : model.save())
  }

  async #delete(): Promise<void> {
    this.context.session = {}
    const model = this.context.session as unknown as Model
    this.context.session = null
    await model.manuallyCommit()
    this.context.session = {}
  }
}

/** Without a secret: readable and empty; a write says what to do (docs/rules.md 13.6). */
export const nullSession: SessionInterface = {
  open: () => NOTHING_OPEN,
}

const NOTHING_OPEN: OpenSession = { data: NULL_SESSION, save: () => undefined }

/** The session of an application that runs koa-session itself, which also saves it. */
export const outerSession: SessionInterface = {
  open: ctx => ({
    get data() {
      return ctx.session
    },
    save: () => undefined,
  }),
}

/** The session of a lifecycle around this one, which also saves it. */
export const sharedSession = (data: Session): SessionInterface => ({
  open: () => ({ data, save: () => undefined }),
})
