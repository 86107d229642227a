/**
 * What `session` holds from one request to the next. The interface is empty, so that a typo is a compile error: declare
 * your own names.
 *
 * @example declare module 'flaskoa' { interface SessionData { userId?: number } }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- users fill it by declaration merging
export interface SessionData {}

/** The properties and methods of a session besides your data. */
export interface SessionControls {
  /** Whether the session is kept when the browser closes. */
  permanent: boolean
  /** How long the session lasts, in milliseconds; `'session'`: until the browser closes. */
  maxAge: number | 'session'
  /** Whether this request started the session. */
  readonly isNew: boolean
  /**
   * Whether this request has changed the session, also inside of a value. `true` has the session saved; after `false` only
   * what is written later counts as a change.
   */
  modified: boolean
  /** Removes your data, in the store too. Data that is written afterwards is a new session, with a new key. */
  clear(): void
  /**
   * Saves the session under a new key in the store, with the same data, so that a client that knew the old key can't
   * use the session. Call it where a user logs in or gets more rights. The data under the old key stays unchanged until
   * the new key is sent, and is then destroyed. A session that is stored in the cookie has no key: its cookie is sent
   * again. `save()` sends and stores the new key at once. The promise is resolved already: no need to await it.
   */
  regenerate(): PromiseLike<void>
  regenerate(callback: SessionCallback): void
  /**
   * Saves the session now, also an empty one, instead of at the end of the request. In a stream, a session in a store can be
   * saved in this way.
   */
  save(): Promise<void>
  save(callback: SessionCallback): void
  /** Saves the session now if it has changed. */
  manuallyCommit(): Promise<void>
  /** `save()` and `manuallyCommit()` in one, with the options of koa-session. */
  commit(options?: SessionCommitOptions): Promise<void>
  commit(callback: SessionCallback): void
  commit(options: SessionCommitOptions, callback: SessionCallback): void
  /** How many values the session has. */
  readonly length: number
  /** Whether the session has values. */
  readonly populated: boolean
  /** The key of the session in the store, which is in the cookie; `undefined` without a store. */
  readonly externalKey: string | undefined
  /** A copy of your data. */
  toJSON(): SessionData
}

/** Gets the error if the session could not be saved. */
export type SessionCallback = (error?: Error) => void

export interface SessionCommitOptions {
  /** Save the session even if it has not changed. */
  save?: boolean
  /** Give the session a new key. */
  regenerate?: boolean
}

/** What may be assigned to `ctx.session`: `null` destroys the session, an object takes the place of its data. */
export type AssignedSession = Partial<SessionData & Pick<SessionControls, 'permanent' | 'maxAge'>> | null

export type Session = SessionData & SessionControls
