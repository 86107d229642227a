import type { Context, HttpError } from '../types'
import { inThisScope } from '../util/async-scope'
import { OptimisticSession } from './optimistic-session'
import { whenDelivered } from './delivery'
import { headersAlreadySent, isSessionHttpError, SessionStoreError, sessionUnavailable, writeRefused } from './failures'
import type { KoaSessionModel } from './koa-session-adapter'
import type { Snapshot } from './store-entry'
import { varyByCookie } from './vary'
import { serialise, SessionValues, type SessionState } from './values'

/**
 * A session in a store, from the moment it has been read. An entry under a new key stays only if the client receives that key,
 * and only then is the entry under the old key destroyed. The option `onStoreFailure` decides what a failure of the store does.
 */
export class StoredSession extends OptimisticSession {
  /** The old key of the session, to be destroyed once the client has received the new one. */
  #replacedKey: string | undefined
  #saving: Promise<HttpError | undefined> | undefined
  /** The store's first failure: it is reported once, however often the request asks the store. */
  #failure: SessionStoreError | undefined

  /** Must be called after the store has been read. */
  opened(): this {
    // koa-session has made a new session instead of one that is expired or invalid.
    if ((this.context.session as KoaSessionModel).isNew) this.entry.snapshot = undefined
    this.clientKey = this.entry.snapshot?.key
    return this
  }

  override async commit(): Promise<void> {
    await super.commit()
    SessionValues.noteCommitted(this.load())
  }

  /** Saves one after the other: a save that a deadline has interrupted may still be running. */
  protected override saveLoaded(ctx: Context): Promise<HttpError | undefined> {
    const begin = () => this.#saveOrFail(ctx)
    return (this.#saving = this.#saving === undefined ? begin() : this.#saving.then(begin, begin))
  }

  async #saveOrFail(ctx: Context): Promise<HttpError | undefined> {
    const values = this.load()
    const state = SessionValues.stateOf(values)
    try {
      if (state.writeError !== undefined && serialise(values) !== this.loaded) return state.writeError
      if (state.writeError === undefined && (!this.isDestroyedElsewhere || state.cleared))
        return await super.saveLoaded(ctx)
      if (state.accessed) varyByCookie(ctx)
    } catch (error) {
      if (isSessionHttpError(error)) return error
      if (!(error instanceof SessionStoreError)) throw error
      return this.#applyFailurePolicy((this.#failure ??= error), values, state)
    }
    return undefined
  }

  /** Throws or returns the error that ends the request, unless nothing was lost or the policy accepts the loss. */
  #applyFailurePolicy(failure: SessionStoreError, values: SessionValues, state: SessionState): HttpError | undefined {
    const policy = this.settings.onStoreFailure
    const isLost = policy === 'anonymous' ? state.cleared : !this.isTouch
    if (policy === 'fail' || (policy === 'anonymous' && isLost)) throw failure
    if (isLost) {
      const { content, maxAge } = this.before()
      SessionValues.replace(values, content, maxAge)
      this.reporter.report(writeRefused('while it was saved', failure))
      return (state.writeError = sessionUnavailable(failure))
    }
    this.reporter.report(failure)
    return undefined
  }

  /** Also sends a session whose new key the client has not received yet. */
  protected override mustSend(state: SessionState): boolean {
    const { snapshot } = this.entry
    return state.regenerated || state.forced || (snapshot !== undefined && snapshot.key !== this.clientKey)
  }

  protected override async write(values: SessionValues): Promise<void> {
    const state = SessionValues.stateOf(values)
    this.noteWrites(values, state)
    if (state.cleared) await this.#destroyCleared(state)
    const { snapshot } = this.entry
    if (snapshot === undefined) return this.#create(values)
    if (state.regenerated && snapshot.key === this.clientKey) return this.#moveToNewKey(values, snapshot)
    return this.replace(values, snapshot)
  }

  protected override async delete(): Promise<void> {
    const values = this.load()
    const state = SessionValues.stateOf(values)
    this.noteWrites(values, state)
    if (state.cleared) await this.#destroyCleared(state)
    const { snapshot } = this.entry
    return snapshot === undefined ? this.deleteCookie() : this.replace(values, snapshot)
  }

  protected override async renew(): Promise<void> {
    const values = this.load()
    const { _expire: expires = Infinity } = this.context.session as KoaSessionModel
    if (expires - Date.now() < Number(values.maxAge) / 2) await this.write(values)
  }

  /** Applies `clear()` at once, whatever other requests have written. Later writes make a new session. */
  async #destroyCleared(state: SessionState): Promise<void> {
    const keys = [this.entry.snapshot?.key, this.#replacedKey].filter(key => key !== undefined)
    for (const key of keys) await this.#remove(key)
    if (keys.length > 0 || this.isDestroyedElsewhere) this.currentContext = undefined
    this.#replacedKey = undefined
    this.isDestroyedElsewhere = state.cleared = false
  }

  #remove(key: string): Promise<void> {
    return this.entry.exclusively(key, () => this.entry.remove(key, this.context as unknown as Context))
  }

  /** Stores the session under a new key. */
  async #create(values: SessionValues): Promise<void> {
    const { entry, context } = this
    if (context.headerSent) throw headersAlreadySent('key')
    entry.writtenKey = undefined
    try {
      await this.modelWith(values).save()
    } catch (error) {
      entry.snapshot = this.currentContext = undefined
      this.#discard(entry.writtenKey)
      throw error
    }
    this.noteStored(values)
    this.#destroyWhenObsolete((entry.snapshot as unknown as Snapshot).key)
  }

  /**
   * Removes what a failed save may have stored, in case only the cookie or the store's answer has failed. Nothing waits for
   * the removal: the request has failed already.
   */
  #discard(key: string | undefined): void {
    if (key !== undefined) this.#remove(key).catch(() => undefined)
  }

  /** Destroys the entry under `key` if the client doesn't receive that key, and the entry under the old key if it does. */
  #destroyWhenObsolete(key: string): void {
    const settle = inThisScope((delivered: boolean) => {
      if (delivered) this.clientKey = key
      const obsolete = delivered ? this.#replacedKey : key
      // After a clear() the entry is already gone, and the snapshot is of another one.
      if (obsolete === undefined || (!delivered && this.entry.snapshot?.key !== key)) return
      this.#remove(obsolete).catch((error: unknown) => {
        this.reporter.report(error as Error)
      })
    })
    whenDelivered(this.context as unknown as Context, key, settle)
  }

  /** Applies `regenerate()`. The entry under the old key stays unchanged until the client has received the new key. */
  async #moveToNewKey(values: SessionValues, snapshot: Snapshot): Promise<void> {
    const { entry } = this
    await entry.exclusively(snapshot.key, async () => {
      if (!(await this.refresh(values, snapshot.key))) return
      const { currentContext } = this
      entry.snapshot = this.currentContext = undefined
      try {
        await this.#create(values)
      } catch (error) {
        entry.snapshot = snapshot
        this.currentContext = currentContext
        throw error
      }
      this.#replacedKey = snapshot.key
    })
  }
}
