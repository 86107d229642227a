import type * as KoaSessionModule from 'koa-session'
import { SetupError } from '../errors/setup-error'
import type { Context } from '../types'
import { SessionCookies, type Keys } from './cookies'
import type { Reporter } from './interface'
import type { SessionOptions, SessionStore, Settings } from './options'
import type { Row } from './store-entry'
import type { LoadedSession } from './values'
import type { Lifetime } from './lifetime'

/** The part of koa-session's model that flaskoa uses. */
export interface Model extends LoadedSession {
  /** When it ends, in milliseconds since 1970, if it was loaded and has an end. */
  readonly _expire?: number
  save(): Promise<void>
  manuallyCommit(): Promise<void>
}

/** Where a request's row is found by the one store that koa-session knows. */
const ROW = Symbol('flaskoa:row')

/** A Koa context with koa-session on it. */
export type ModelContext = Omit<Context, 'session' | 'cookies'> & {
  session: Model | Record<string, unknown> | null
  readonly sessionOptions: { maxAge: Lifetime; rolling: boolean }
  readonly cookies: SessionCookies
  readonly [ROW]: Row | undefined
}

/** Each request's row stands between koa-session and the user's store. */
const ROWS: SessionStore = {
  get: (key, maxAge, options) => rowOf(options.ctx).get(key, maxAge, options),
  set: (key, session, maxAge, options) => rowOf(options.ctx).set(key, session, maxAge, options),
  destroy: (key, options) => rowOf(options.ctx).destroy(key, options.ctx),
}

const rowOf = (ctx: Context) => (ctx as unknown as ModelContext)[ROW] as Row

const noop = () => Promise.resolve()

/** koa-session at work on contexts of flaskoa's own, so that a session that the user's application has stays. */
export class Models {
  readonly #middleware: Middleware
  /** What koa-session extends contexts with. */
  readonly #extension: object
  /** Where it keeps a context's session: that of the application's own must not be found there. */
  readonly #places: readonly symbol[]
  readonly #name: string

  /** Throws a SetupError when koa-session refuses the options. */
  constructor(settings: Settings) {
    const { onConflict: _, onStoreFailure: __, ...options } = settings
    const hasStore = options.store !== undefined || options.ContextStore !== undefined
    // First with the user's own, for koa-session to judge.
    if (hasStore) createMiddleware(options, hostOf())
    const host = hostOf()
    this.#middleware = createMiddleware(hasStore ? { ...options, store: ROWS, ContextStore: undefined } : options, host)
    this.#extension = Object.create(null, Object.getOwnPropertyDescriptors(host.context)) as object
    this.#places = placesOf(this.#extension)
    this.#name = settings.key
  }

  contextOf(ctx: Context, keys: Keys | undefined, reporter: Reporter, row?: Row): ModelContext {
    const own = Object.create(this.#extension) as Record<string | symbol, unknown>
    own.cookies = new SessionCookies(ctx, keys, this.#name, reporter)
    own[ROW] = row
    for (const place of this.#places) own[place] = undefined
    return new Proxy(ctx, new Overlay(own)) as unknown as ModelContext
  }

  /** Asks the store for the session. */
  load(context: ModelContext): Promise<void> {
    return this.#middleware(context, noop)
  }
}

/** The symbols under which koa-session writes to a context whose session is asked for. */
function placesOf(extension: object): symbol[] {
  const probe = Object.create(extension) as object
  Reflect.get(probe, 'sessionOptions')
  return Object.getOwnPropertySymbols(probe)
}

/**
 * A request's ctx but for the properties that a session has for its own, whose setters and getters see the whole. Not an object
 * that inherits from the ctx: V8 would make each ctx a class of its own, and all that uses it slow (half of what a session
 * costs).
 */
class Overlay implements ProxyHandler<Context> {
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

type Middleware = (ctx: unknown, next: unknown) => Promise<void>

/** koa-session extends an application's ctx, and gets one that is nobody's. */
const hostOf = () => ({ context: {}, use: noop })

function createMiddleware(options: Omit<SessionOptions, 'onConflict' | 'onStoreFailure'>, host: object): Middleware {
  try {
    // Only where sessions are used: it loads a library of schemas, a third of the time to start.
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would make bootstrap asynchronous
    const { default: createKoaSession } = require('koa-session') as typeof KoaSessionModule
    // Opened and saved where Flask does it, so its own automatic commit is off.
    return createKoaSession({ ...options, autoCommit: false } as KoaSessionModule.CreateSessionOptions, host)
  } catch (cause) {
    throw new SetupError('BAD_OPTION', `option session: koa-session refuses it: ${reasonOf(cause)}`, { cause })
  }
}

/** koa-session's schema tells all that is wrong as a list; others say a sentence. */
function reasonOf(cause: unknown): string {
  const { issues, message } = cause as Error & { issues?: readonly { path: readonly string[]; message: string }[] }
  return issues?.map(({ path, message: why }) => `${path.join('.')}: ${why}`).join('; ') ?? message
}
