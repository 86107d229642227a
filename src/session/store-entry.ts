import type { Context } from '../types'
import { SessionStoreError } from './failures'
import { exclusively } from './locks'
import type { SessionStore } from './options'
import type { Lifetime } from './lifetime'

type Content = Record<string, unknown>
type GetOptions = Parameters<SessionStore['get']>[2]
type SetOptions = Parameters<SessionStore['set']>[3]

/** What is in the store, as far as this request knows. */
export interface Known {
  readonly key: string
  /** The store's own object. */
  readonly content: unknown
}

/** Thrown through koa-session, which sets no cookie then: something else is stored than was known. */
export const OUTDATED = new Error('the session has changed since it was read')

/** What one request does to its session in the store. koa-session takes it for the store. */
export class Row {
  known: Known | undefined
  /** The last key that was written, which nobody else knows of unless it is the known one. */
  written: string | undefined
  /** Whether the content changes with what is written next, or only its time. */
  changed = false

  /** @param lock what stands for the store, when each request has one of its own */
  constructor(
    readonly store: SessionStore,
    private readonly lock: object = store,
  ) {}

  /** Whether the store itself can tell that something else is stored. */
  get isAtomic(): boolean {
    return this.store.compareAndSet !== undefined
  }

  /** A copy, so that changes inside of it reach no object of the store's. */
  async get(key: string, maxAge: Lifetime, options: GetOptions): Promise<unknown> {
    this.known = undefined
    const content = await this.#ask('get a session', () => this.store.get(key, maxAge, options))
    if (!content) return undefined
    this.known = { key, content }
    return copied(content)
  }

  async set(key: string, session: Content, maxAge: Lifetime, options: SetOptions): Promise<void> {
    const content = copied(session)
    const told = { ...options, changed: this.changed }
    this.written = key
    await this.#ask('set a session', () =>
      this.known?.key === key && this.isAtomic
        ? this.#compareAndSet(this.known, content, maxAge, told)
        : this.store.set(key, content, maxAge, told),
    )
    this.known = { key, content }
  }

  /** Destroys what is known, if it is still that. */
  async destroy(key: string, ctx: Context): Promise<void> {
    if (this.known?.key !== key) return
    if (!this.isAtomic) return this.remove(key, ctx)
    const { known } = this
    await this.#ask('destroy a session', () =>
      this.#compareAndSet(known, undefined, 'session', { ctx, rolling: false, changed: true }),
    )
    this.known = undefined
  }

  /** Destroys what is stored under a key, whatever it is. */
  async remove(key: string, ctx: Context): Promise<void> {
    await this.#ask('destroy a session', () => this.store.destroy(key, { ctx }))
    if (this.known?.key === key) this.known = undefined
  }

  /** Does `work` while no other request of this process does anything to the session of that key. */
  exclusively<T>(key: string, work: () => Promise<T>): Promise<T> {
    return exclusively(this.lock, key, work)
  }

  async #compareAndSet(known: Known, content: Content | undefined, maxAge: Lifetime, options: SetOptions) {
    if (!(await this.store.compareAndSet?.(known.key, known.content, content, maxAge, options))) throw OUTDATED
  }

  async #ask(action: string, question: () => unknown): Promise<unknown> {
    try {
      return await question()
    } catch (error) {
      if (error === OUTDATED) throw OUTDATED
      throw new SessionStoreError(action, this.lock, error)
    }
  }
}

/** As the client will get it back. */
const copied = <T>(content: T): T => JSON.parse(JSON.stringify(content)) as T
