import type Cookies from 'cookies'
import type * as KoaSessionModule from 'koa-session'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import type { Context } from '../types'
import { lenient, toBase64 } from './codec'
import type { Lifetime } from './lifetime'

/** The cookie's attributes, which koa-session passes on and leaves out of its type. */
type CookieAttributes = Pick<Cookies.SetOption, 'domain' | 'path' | 'partitioned' | 'priority'>

/** koa-session's options, Flask's lifetime for `session.permanent`, and what becomes of a session that others change too. */
export interface SessionOptions
  extends Omit<KoaSessionModule.CreateSessionOptions, 'autoCommit' | 'store' | 'externalKey'>, CookieAttributes {
  /** Where session contents live instead of in the cookie. Lifetimes are in milliseconds, or `'session'`. */
  store?: SessionStore
  /** How the store's key travels instead of in the cookie. */
  externalKey?: { get(ctx: Context): string | undefined; set(ctx: Context, key: string): void }
  /**
   * What a request does that has changed its session when another one has changed it meanwhile. Default `'merge'`.
   *
   * - `'merge'`: what it has set and deleted goes over what is stored now, name by name; a change inside of a value counts
   *   for the whole value.
   * - `'reject'`: nothing is written, and the request ends with an HTTP error 409, which `@ErrorHandler(409)` sees. From
   *   then on `session` has what is stored.
   * - `'last-write'`: all that it has is written, as koa-session does.
   *
   * None of them brings back a session that was destroyed meanwhile. Only a store can be asked: a session in the cookie is
   * the client's, and the last response that it gets decides.
   */
  onConflict?: 'merge' | 'reject' | 'last-write'
  /**
   * What a request does when the store fails. Default `'fail'`. A request without a session's key that doesn't write asks
   * no store, and notices nothing.
   *
   * - `'fail'`: it fails, with an error that names the store and has the store's own as its `cause`.
   * - `'anonymous'`: a session that can't be read is empty, what is written to it is gone after the request, also
   *   `session.clear()`, and the client's cookie stays as it is. If it could be read and not be written, the write is lost
   *   and the response goes out; only a `session.clear()` fails then. The `error` event tells of it, once for a request.
   * - `'read-only'`: a session that can't be read is empty, and to write to it throws an HTTP error 503. If it could be read
   *   and not be written, the request ends with that 503, which `@ErrorHandler(503)` sees.
   */
  onStoreFailure?: 'fail' | 'anonymous' | 'read-only'
}

/** Where sessions are kept: anything that koa-session takes. Whatever it throws is the store's failure. */
export interface SessionStore {
  /** The session under a key, as it was given to `set`; `undefined` or `null` when there is none. */
  get(key: string, maxAge: number | 'session', options: { ctx: Context; rolling: boolean }): unknown
  /** Keeps a session for `maxAge` milliseconds. It must not be changed, and belongs to the store from then on. */
  set(
    key: string,
    session: Record<string, unknown>,
    maxAge: number | 'session',
    options: { ctx: Context; rolling: boolean; changed: boolean },
  ): unknown
  destroy(key: string, options: { ctx: Context }): unknown
  /**
   * Optional: `set` or `destroy` in one indivisible step, if what is stored is still `expected`. A store that several
   * processes use needs it: without it a session is read again before it is written, and only requests of one process wait
   * for each other.
   *
   * @param expected what `get` has returned or `set` was given: the same object, not changed since
   * @param session `undefined` to destroy it
   * @returns whether it was done; `false` or a promise of it when something else is stored, or nothing
   */
  compareAndSet?(
    key: string,
    expected: unknown,
    session: Record<string, unknown> | undefined,
    maxAge: number | 'session',
    options: { ctx: Context; rolling: boolean; changed: boolean },
  ): boolean | PromiseLike<boolean>
}

/** A user's `ContextStore`: a store for each request. */
export type ContextStore = new (ctx: unknown) => SessionStore

export type Settings = SessionOptions &
  Required<Pick<SessionOptions, 'onConflict' | 'onStoreFailure'>> & { key: string; maxAge: Lifetime }

const DEFAULTS = {
  key: 'koa.sess',
  maxAge: 'session',
  sameSite: 'lax',
  onConflict: 'merge',
  onStoreFailure: 'fail',
} as const

const CHOICES = {
  onConflict: ['merge', 'reject', 'last-write'],
  onStoreFailure: ['fail', 'anonymous', 'read-only'],
} as const

/** The options with their defaults. Throws a SetupError for those that are flaskoa's own. */
export function settingsOf(options: SessionOptions): Settings {
  const { decode } = options
  // An option that is undefined is one that was not given, and keeps its default.
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const settings = { ...DEFAULTS, encode: toBase64, ...given, decode: lenient(decode) } as Settings
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = settings[name as keyof typeof CHOICES]
    if ((choices as readonly unknown[]).includes(value)) continue
    throw refused(`${name} wants one of ${choices.map(describe).join(', ')}, not ${describe(value)}`)
  }
  const { compareAndSet: method } = (settings.store ?? {}) as { compareAndSet?: unknown }
  if (method === undefined || typeof method === 'function') return settings
  throw refused(`store.compareAndSet wants a function, not ${describe(method)}`)
}

const refused = (problem: string) => new SetupError('BAD_OPTION', `option session: ${problem}.`)
