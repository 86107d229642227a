import type { Context, HttpError } from '../types'
import { CheckedSession } from './optimistic-session'
import { whenDelivered } from './delivery'
import { isRefusal, SessionStoreError, tooLate, unavailable } from './failures'
import type { Reporter } from './interface'
import type { Model, ModelContext } from './koa-session-model'
import type { Settings } from './options'
import type { Known, Row } from './store-entry'
import { serialise, SessionValues, type State } from './values'

/**
 * A session in a store, from the moment it has been read. A row under a new key stays only if the client gets that key, and
 * only then is the row under its old one destroyed. What a failure of the store means, the option `onStoreFailure` says.
 */
export class StoredSession extends CheckedSession {
  readonly #reporter: Reporter
  /** The key of a row that is to be destroyed once the client has another one. */
  #replaced: string | undefined
  #saving: Promise<HttpError | undefined> | undefined
  #isReported = false

  constructor(createContext: () => ModelContext, settings: Settings, row: Row, reporter: Reporter) {
    super(createContext, settings, row)
    this.#reporter = reporter
  }

  /** To be called when the store has been asked. */
  opened(): this {
    // koa-session has made a new session in the place of one that is expired or invalid.
    if ((this.context.session as Model).isNew) this.row.known = undefined
    this.brought = this.row.known?.key
    return this
  }

  /** One after the other: a save that a deadline has interrupted is still under way. */
  protected override saveLoaded(ctx: Context): Promise<HttpError | undefined> {
    const begin = () => this.#saveOrFail(ctx)
    return (this.#saving = this.#saving === undefined ? begin() : this.#saving.then(begin, begin))
  }

  async #saveOrFail(ctx: Context): Promise<HttpError | undefined> {
    const values = this.load()
    const state = SessionValues.stateOf(values)
    try {
      if (state.refusal !== undefined && serialise(values) !== this.loaded) return state.refusal
      if (state.refusal === undefined && (!this.gone || state.cleared)) return await super.saveLoaded(ctx)
      if (state.accessed) ctx.vary('Cookie')
    } catch (error) {
      if (isRefusal(error)) return error
      if (!(error instanceof SessionStoreError)) throw error
      return this.#endure(error, values, state)
    }
    return undefined
  }

  /** Throws or returns what ends the request, unless nothing was lost, or only what may be. */
  #endure(failure: SessionStoreError, values: SessionValues, state: State): HttpError | undefined {
    const policy = this.settings.onStoreFailure
    const isLost = policy === 'anonymous' ? state.cleared : !this.isTouch
    if (policy === 'fail' || (policy === 'anonymous' && isLost)) throw failure
    if (isLost) {
      const { content, maxAge } = this.before()
      SessionValues.replace(values, content, maxAge)
      return (state.refusal = unavailable(failure))
    }
    if (!this.#isReported) this.#reporter.report(failure)
    this.#isReported = true
    return undefined
  }

  /** It has a new key that the client does not know of yet. */
  protected override isDue(state: State): boolean {
    const { known } = this.row
    return state.regenerated || (known !== undefined && known.key !== this.brought)
  }

  protected override async write(values: SessionValues): Promise<void> {
    const state = SessionValues.stateOf(values)
    this.noteWrites(values, state)
    if (state.cleared) await this.#destroy(state)
    const { known } = this.row
    if (known === undefined) return this.#create(values)
    if (state.regenerated && known.key === this.brought) return this.#move(values, known)
    return this.replace(values, known)
  }

  protected override async delete(): Promise<void> {
    const values = this.load()
    const state = SessionValues.stateOf(values)
    this.noteWrites(values, state)
    if (state.cleared) await this.#destroy(state)
    const { known } = this.row
    return known === undefined ? this.takeCookieAway() : this.replace(values, known)
  }

  protected override async renew(): Promise<void> {
    const values = this.load()
    const { _expire: expires = Infinity } = this.context.session as Model
    if (expires - Date.now() < Number(values.maxAge) / 2) await this.write(values)
  }

  /** `clear()`: at once, whatever others have written. What is written after it is another session. */
  async #destroy(state: State): Promise<void> {
    const keys = [this.row.known?.key, this.#replaced].filter(key => key !== undefined)
    for (const key of keys) await this.#remove(key)
    if (keys.length > 0 || this.gone) this.model = undefined
    this.#replaced = undefined
    this.gone = state.cleared = false
  }

  #remove(key: string): Promise<void> {
    return this.row.exclusively(key, () => this.row.remove(key, this.context as unknown as Context))
  }

  /** A row under a new key. */
  async #create(values: SessionValues): Promise<void> {
    const { row, context } = this
    if (context.headerSent) throw tooLate()
    row.written = undefined
    try {
      await this.put(values).save()
    } catch (error) {
      row.known = this.model = undefined
      this.#discard(row.written)
      throw error
    }
    this.noteStored(values)
    this.#watch((row.known as unknown as Known).key)
  }

  /** It may be there though the store, or the cookie, has failed. Nobody waits for it: the request has failed already. */
  #discard(key: string | undefined): void {
    if (key !== undefined) this.#remove(key).catch(() => undefined)
  }

  /** Destroys the row under this key if the client doesn't get it, and the one under the old key if it does. */
  #watch(key: string): void {
    whenDelivered(this.context as unknown as Context, key, delivered => {
      const obsolete = delivered ? this.#replaced : key
      // After a clear() it is gone, and what is known is another one.
      if (obsolete === undefined || (!delivered && this.row.known?.key !== key)) return
      this.#remove(obsolete).catch((error: unknown) => {
        this.#reporter.report(error as Error)
      })
    })
  }

  /** `regenerate()`. The row under the old key stays as it was until the client has the new one. */
  async #move(values: SessionValues, known: Known): Promise<void> {
    const { row } = this
    await row.exclusively(known.key, async () => {
      if (!(await this.isThere(values, known.key))) return
      const { model } = this
      row.known = this.model = undefined
      try {
        await this.#create(values)
      } catch (error) {
        row.known = known
        this.model = model
        throw error
      }
      this.#replaced = known.key
    })
  }
}
