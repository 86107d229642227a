import type { Context } from '../types'
import { CookieSession, isEmpty } from './cookie-session'
import { conflict } from './failures'
import { differences, hasChanged, merge, versionOf, type Version } from './merge'
import type { ModelContext } from './koa-session-model'
import type { Settings } from './options'
import { OUTDATED, type Known, type Row } from './store-entry'
import { serialise, SessionValues, type State } from './values'
import { type Lifetime } from './lifetime'

/** How often a write is tried again that requests of other processes were faster than. Each time one of them got on. */
const ATTEMPTS = 100

/** A session in a store: what is stored by then decides how it is written, and whether it is (the option `onConflict`). */
export class CheckedSession extends CookieSession {
  protected readonly row: Row
  /** The key that the client has. */
  protected brought: string | undefined
  /** Whether another request has destroyed it. */
  protected gone = false
  /** Whether what is being saved only makes the session last. */
  protected isTouch = true
  /** The lifetime as it was when `loaded` was. */
  #lifetime: Lifetime = 'session'

  constructor(createContext: () => ModelContext, settings: Settings, row: Row) {
    super(createContext, settings)
    this.row = row
  }

  protected override load(): SessionValues {
    const isFirst = this.loaded === ''
    const values = super.load()
    if (isFirst) this.#lifetime = values.maxAge
    return values
  }

  protected override noteNames(): Set<string> {
    return new Set()
  }

  /** Notes what is written, also inside of values. */
  protected noteWrites(values: SessionValues, state: State): void {
    for (const name of differences(this.before().content, values)) state.written?.add(name)
    this.isTouch = !state.modified && !this.isChanged && !state.regenerated
    this.row.changed = this.isChanged
  }

  /** Writes what is there already, or destroys it if it is empty by now. */
  protected async replace(values: SessionValues, { key }: Known): Promise<void> {
    await this.row.exclusively(key, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        // A store that compares for itself is asked again only when it has found a difference.
        const isChecked = this.row.isAtomic && attempt === 0
        if (!isChecked && !(await this.isThere(values, key))) return
        if (await this.#overwrite(values, key)) return
      }
      throw this.#conflict(values, this.before())
    })
  }

  /** Whether it could be written: not if the store has found something else than was known. */
  async #overwrite(values: SessionValues, key: string): Promise<boolean> {
    // The client has the key. Without a new cookie it only doesn't learn of a new lifetime.
    this.context.cookies.optional = key === this.brought
    try {
      if (isEmpty(values)) await this.takeCookieAway()
      else await this.put(values).save()
    } catch (error) {
      if (error === OUTDATED) return false
      throw error
    }
    this.noteStored(values)
    return true
  }

  /** With what is stored, if it is still what is known. */
  protected async takeCookieAway(): Promise<void> {
    // A key that nothing is stored under does no harm.
    this.context.cookies.optional = true
    await this.takeAway().manuallyCommit()
    // What is written after it is another session.
    this.model = undefined
  }

  /** Reads what is stored now, and does with it what `onConflict` says. `false` when there is nothing any more. */
  protected async isThere(values: SessionValues, key: string): Promise<boolean> {
    const policy = this.isTouch ? 'merge' : this.settings.onConflict
    const { rolling = false, maxAge } = this.settings
    const stored = await this.row.get(key, maxAge, { ctx: this.context as unknown as Context, rolling })
    if (stored === undefined) {
      this.gone = policy !== 'reject'
      if (this.gone) return false
      this.model = undefined
      throw this.#conflict(values, { content: {}, maxAge })
    }
    const before = this.before()
    const now = versionOf(stored, maxAge)
    if (policy === 'reject' && hasChanged(before, now)) throw this.#conflict(values, now)
    if (policy === 'merge') merge(values, before, now)
    this.#note(now.content, now.maxAge)
    return true
  }

  /** From now on the session is what is stored, so that an error handler sees that, and can write to it. */
  #conflict(values: SessionValues, now: Version): Error {
    SessionValues.replace(values, now.content, now.maxAge)
    this.noteStored(values)
    return conflict()
  }

  /** The session as it was when it was read or written last. */
  protected before(): Version {
    return { content: JSON.parse(this.loaded) as Record<string, unknown>, maxAge: this.#lifetime }
  }

  protected noteStored(values: SessionValues): void {
    this.#note(values, values.maxAge)
  }

  #note(content: object, maxAge: Lifetime): void {
    this.loaded = serialise(content)
    this.#lifetime = maxAge
  }
}
