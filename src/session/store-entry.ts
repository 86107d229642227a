import { abortBehind } from '../connection/abort-signal'
import { describe } from '../errors/describe'
import type { Context } from '../types'
import { nameOf, SessionStoreError } from './failures'
import { exclusively } from './locks'
import type { SessionStore } from './options'
import type { Lifetime } from './lifetime'

type Content = Record<string, unknown>
type GetOptions = Parameters<SessionStore['get']>[2]
type SetOptions = Parameters<SessionStore['set']>[3]

/** A session in the store, as this request last read or wrote it. */
export interface Snapshot {
  readonly key: string
  /** The store's own object. */
  readonly content: unknown
}

/** Thrown through koa-session, which then sets no cookie: the stored session differs from the snapshot. */
export const STALE = new Error('the session has changed since it was read')

/** One request's session in the store. koa-session uses an entry as its store. */
export class StoreEntry {
  snapshot: Snapshot | undefined
  /** The key of the last write. If it differs from `snapshot.key`, no client has received it. */
  writtenKey: string | undefined
  /** Whether the next write changes the content, or only extends the lifetime. */
  changed = false
  readonly #lock: object

  /** @param lock the object that requests share if each has a store of its own: its locks and error messages are about it */
  constructor(
    readonly store: SessionStore,
    lock: object = store,
  ) {
    this.#lock = lock
  }

  /** Whether the store compares before it writes. */
  get isAtomic(): boolean {
    return this.store.compareAndSet !== undefined
  }

  /** Returns a copy, so that changes inside of it don't reach the store's own object; `undefined` for what is no session. */
  async get(key: string, maxAge: Lifetime, options: GetOptions): Promise<unknown> {
    this.snapshot = undefined
    return this.#callFor(options.ctx, 'get a session', async () => {
      const content = await this.store.get(key, maxAge, options)
      if (!content) return undefined
      const copy = isContent(content) ? jsonCopy(content) : undefined
      if (!isContent(copy)) warnOfGarbage(this.#lock, content)
      else this.snapshot = { key, content }
      return this.snapshot && copy
    })
  }

  async set(key: string, session: Content, maxAge: Lifetime, options: SetOptions): Promise<void> {
    const content = jsonCopy(session)
    const setOptions = { ...options, changed: this.changed }
    this.writtenKey = key
    await this.#callFor(options.ctx, 'set a session', () =>
      this.snapshot?.key === key && this.isAtomic
        ? this.#compareAndSet(this.snapshot, content, maxAge, setOptions)
        : this.store.set(key, content, maxAge, setOptions),
    )
    this.snapshot = { key, content }
  }

  /** Destroys the session if it is in the snapshot; an atomic store also checks that it has not changed since. */
  async destroy(key: string, ctx: Context): Promise<void> {
    if (this.snapshot?.key !== key) return
    if (!this.isAtomic) return this.remove(key, ctx)
    const { snapshot } = this
    await this.#call('destroy a session', () =>
      this.#compareAndSet(snapshot, undefined, 'session', { ctx, rolling: false, changed: true }),
    )
    this.snapshot = undefined
  }

  /** Destroys the session under a key, even if it has changed. */
  async remove(key: string, ctx: Context): Promise<void> {
    await this.#call('destroy a session', () => this.store.destroy(key, { ctx }))
    if (this.snapshot?.key === key) this.snapshot = undefined
  }

  /** Runs `work` while no other request of this process uses the session of that key. */
  exclusively<T>(key: string, work: () => Promise<T>): Promise<T> {
    return exclusively(this.#lock, key, work)
  }

  async #compareAndSet(snapshot: Snapshot, content: Content | undefined, maxAge: Lifetime, options: SetOptions) {
    if (!(await this.store.compareAndSet?.(snapshot.key, snapshot.content, content, maxAge, options))) throw STALE
  }

  /**
   * A store that passes on the request's signal has not failed when that is aborted: the method that asked it ends with the
   * signal's reason, as others do. Only a session that should be destroyed must not stay without a word.
   */
  async #callFor(ctx: Context, action: string, command: () => unknown): Promise<unknown> {
    return this.#call(action, command, error => abortBehind(ctx, error) !== undefined)
  }

  async #call(
    action: string,
    command: () => unknown,
    isPassedOn: (error: unknown) => boolean = () => false,
  ): Promise<unknown> {
    try {
      return await command()
    } catch (error) {
      if (error === STALE || isPassedOn(error)) throw error
      throw new SessionStoreError(action, this.#lock, error)
    }
  }
}

/** Whether a value may be a session: not the text of one, whose letters would be values, and not a Map, a Buffer or an Error. */
const isContent = (value: unknown): boolean => Object.prototype.toString.call(value) === '[object Object]'

/** The stores of which a warning was given. */
const warnedOf = new WeakSet<object>()

/** Without a warning, sessions would be empty for no reason that can be seen. Once for each store: it may be in each request. */
function warnOfGarbage(store: object, content: unknown): void {
  if (warnedOf.has(store)) return
  warnedOf.add(store)
  process.emitWarning(
    `The session store${nameOf(store)} returned ${describe(content)} for a session, which is empty now: get() must ` +
      'return the object that set() got, or undefined.',
    { type: 'FlaskoaWarning', code: 'FLASKOA_STORE_RETURNED_NO_OBJECT' },
  )
}

/** A copy with the values that the client will get back. */
const jsonCopy = <T>(content: T): T => JSON.parse(JSON.stringify(content)) as T
