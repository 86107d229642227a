import type { Context } from '../types'
import { CookieSession, isEmptySession } from './cookie-session'
import { sessionConflict } from './failures'
import { differences, isVersionChanged, merge, versionOf, type SessionVersion } from './merge'
import type { Reporter } from './interface'
import type { KoaSessionContext } from './koa-session-adapter'
import type { SessionSource } from './source'
import { STALE, type Snapshot, type StoreEntry } from './store-entry'
import { serialise, SessionValues, type SessionState } from './values'
import { type Lifetime } from './lifetime'

/** How often a write is retried because another process wrote first. Each retry means that another request succeeded. */
const MAX_WRITE_ATTEMPTS = 100

/** A session in a store. Before it is written, it is compared with the stored session (the option `onConflict`). */
export class OptimisticSession extends CookieSession {
  protected readonly entry: StoreEntry
  /** The key that the client sent. */
  protected clientKey: string | undefined
  /** Whether another request has destroyed the session. */
  protected isDestroyedElsewhere = false
  /** Whether the current save only extends the lifetime. */
  protected isTouch = true
  /** The lifetime that belongs to `loaded`. */
  #loadedLifetime: Lifetime = 'session'

  constructor(source: SessionSource, ctx: Context, reporter: Reporter, entry: StoreEntry) {
    super(source, ctx, reporter)
    this.entry = entry
  }

  protected override createContext(source: SessionSource): KoaSessionContext {
    return source.createContext(this.ctx, this.reporter, this.entry)
  }

  protected override load(): SessionValues {
    const isFirst = this.values === undefined
    const values = super.load()
    if (isFirst) this.#loadedLifetime = values.maxAge
    return values
  }

  protected override createWrittenNames(): Set<string> {
    return new Set()
  }

  /** Notes the names of values that this request has written, also inside of them. */
  protected noteWrites(values: SessionValues, state: SessionState): void {
    for (const name of differences(this.before().content, values)) state.written?.add(name)
    this.isTouch = !state.modified && !this.isChanged && !state.regenerated
    this.entry.changed = this.isChanged
  }

  /** Overwrites the stored session, or destroys it if it is now empty. */
  protected async replace(values: SessionValues, { key }: Snapshot): Promise<void> {
    await this.entry.exclusively(key, async () => {
      for (let attempt = 0; attempt < MAX_WRITE_ATTEMPTS; attempt++) {
        // A store that compares for itself is read again only after it has found a difference.
        const isChecked = this.entry.isAtomic && attempt === 0
        if (!isChecked && !(await this.refresh(values, key))) return
        if (await this.#overwrite(values, key)) return
      }
      throw this.#conflictWith(this.before(), values)
    })
  }

  /** @returns whether the session was written: `false` if the stored session differs from the snapshot */
  async #overwrite(values: SessionValues, key: string): Promise<boolean> {
    // A client that already has the key needs no new cookie: without one it only misses a new lifetime.
    this.context.cookies.optional = key === this.clientKey
    try {
      if (isEmptySession(values)) await this.deleteCookie()
      else await this.modelWith(values).save()
    } catch (error) {
      if (error === STALE) return false
      throw error
    }
    this.noteStored(values)
    return true
  }

  /** Deletes the cookie, and the stored session if it is still the one in the snapshot. */
  protected async deleteCookie(): Promise<void> {
    // A cookie with a key that no longer exists in the store is harmless.
    this.context.cookies.optional = true
    await this.modelToRemove().manuallyCommit()
    // Later writes make a new session.
    this.currentContext = undefined
  }

  /** Reads the stored session and applies `onConflict`. Returns `false` if it no longer exists. */
  protected async refresh(values: SessionValues, key: string): Promise<boolean> {
    const policy = this.isTouch ? 'merge' : this.settings.onConflict
    const { rolling = false, maxAge } = this.settings
    const stored = await this.entry.get(key, maxAge, { ctx: this.context as unknown as Context, rolling })
    if (stored === undefined) {
      this.isDestroyedElsewhere = policy !== 'reject'
      if (this.isDestroyedElsewhere) return false
      this.currentContext = undefined
      throw this.#conflictWith({ content: {}, maxAge }, values)
    }
    const before = this.before()
    const now = versionOf(stored, maxAge)
    if (policy === 'reject' && isVersionChanged(before, now)) throw this.#conflictWith(now, values)
    if (policy === 'merge') merge(values, before, now)
    this.#note(now.content, now.maxAge)
    return true
  }

  /** Replaces the values by the stored ones, so that an error handler sees those and can write to them. */
  #conflictWith(stored: SessionVersion, values: SessionValues): Error {
    SessionValues.replace(values, stored.content, stored.maxAge)
    this.noteStored(values)
    return sessionConflict()
  }

  /** The session as it was last read or written. */
  protected before(): SessionVersion {
    return { content: JSON.parse(this.loaded) as Record<string, unknown>, maxAge: this.#loadedLifetime }
  }

  protected noteStored(values: SessionValues): void {
    this.#note(values, values.maxAge)
  }

  #note(content: object, maxAge: Lifetime): void {
    this.loaded = serialise(content)
    this.accepted = undefined
    this.#loadedLifetime = maxAge
  }
}
