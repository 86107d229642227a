import type Cookies from 'cookies'
import type * as KoaSessionModule from 'koa-session'
import type { Context } from '../types'
import type { Lifetime } from './lifetime'

/** Attributes of the cookie that koa-session passes on but leaves out of its type. */
type CookieAttributes = Pick<Cookies.SetOption, 'domain' | 'path' | 'partitioned' | 'priority'>

/** koa-session's options, and flaskoa's own for concurrent changes and failures of the store. @see docs/rules.md [13] */
export interface SessionOptions
  extends Omit<KoaSessionModule.CreateSessionOptions, 'autoCommit' | 'store' | 'externalKey'>, CookieAttributes {
  /** Keeps session contents on the server instead of in the cookie. */
  store?: SessionStore
  /** Reads and sends the store's key outside of the cookie, for instance in a header field. */
  externalKey?: { get(ctx: Context): string | undefined; set(ctx: Context, key: string): void }
  /**
   * What happens when two requests change the same session at the same time. Default `'merge'`.
   *
   * - `'merge'`: the names that this request has set and deleted are applied to the stored session; a change inside of a
   *   value replaces the whole value.
   * - `'reject'`: nothing is written, and the request ends with an HTTP error 409, which `@ErrorHandler(409)` can handle.
   *   From then on `session` has the stored values.
   * - `'last-write'`: this request's whole session is written, as koa-session does.
   *
   * A session that another request has destroyed is never restored. This option needs a `store`: a session in the cookie is
   * kept by the client, and the last response that it receives wins.
   */
  onConflict?: 'merge' | 'reject' | 'last-write'
  /**
   * What happens when the store fails. Default `'fail'`. A request that brings no session key and writes nothing to its
   * session does not use the store, so the failure does not affect it.
   *
   * - `'fail'`: the request fails with an error that names the store; its `cause` is the store's own error.
   * - `'anonymous'`: a session that can't be read is empty, writes to it (also `session.clear()`) are lost after the request,
   *   and the client's cookie stays unchanged. If the session was read but can't be written, the write is lost and the
   *   response is sent; only a `session.clear()` makes the request fail. The failure is reported to the `error` event, once
   *   for each request.
   * - `'read-only'`: a session that can't be read is empty, and a write to it throws an HTTP error 503. If the session was
   *   read but can't be written, the request ends with that 503, which `@ErrorHandler(503)` can handle.
   */
  onStoreFailure?: 'fail' | 'anonymous' | 'read-only'
  /**
   * Whether cookies without a time are read: those of koa-session, and of flaskoa before it wrote one. Default false,
   * because such a cookie is valid for ever.
   */
  acceptUndated?: boolean
}

/**
 * A store for sessions, of the same shape as koa-session's. What it throws is a failure of the store. What it returns in the
 * place of a session and is no object, the text of one for instance, is an empty session, and a process warning says so.
 */
export interface SessionStore {
  /** Returns the session under a key, as it was passed to `set`; `undefined` or `null` if there is no session. */
  get(key: string, maxAge: number | 'session', options: { ctx: Context; rolling: boolean }): unknown
  /**
   * Keeps a session for `maxAge` milliseconds, or as long as the store chooses if it is `'session'`. The object belongs to
   * the store from then on and must not be changed.
   */
  set(
    key: string,
    session: Record<string, unknown>,
    maxAge: number | 'session',
    options: { ctx: Context; rolling: boolean; changed: boolean },
  ): unknown
  destroy(key: string, options: { ctx: Context }): unknown
  /**
   * Optional: does `set` or `destroy` in one atomic step, but only if the stored session is still `expected`. Needed if
   * several processes use the store: without it, a session is read again before each write, and only requests of the same
   * process wait for each other.
   *
   * @param expected the same object that `get` returned or `set` received, unchanged
   * @param session the new session, or `undefined` to destroy the stored one
   * @returns (a promise of) whether it was written: `false` if another session or no session is stored
   */
  compareAndSet?(
    key: string,
    expected: unknown,
    session: Record<string, unknown> | undefined,
    maxAge: number | 'session',
    options: { ctx: Context; rolling: boolean; changed: boolean },
  ): boolean | PromiseLike<boolean>
}

/** A user's `ContextStore`: the class of a store that each request has for itself. */
export type ContextStore = new (ctx: unknown) => SessionStore

export type SessionSettings = SessionOptions &
  Required<Pick<SessionOptions, 'onConflict' | 'onStoreFailure' | 'acceptUndated'>> & { key: string; maxAge: Lifetime }
