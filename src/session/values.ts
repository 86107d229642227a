import { describe } from '../errors/describe'
import type { HttpError } from '../types'
import type { Lifetime } from './lifetime'
import { contentOf } from './names'

/** How long a permanent session lasts when `maxAge` says nothing else: 31 days, Flask's default, in milliseconds. */
const PERMANENT = 31 * 24 * 60 * 60 * 1000

/** A session as koa-session has read it. */
export interface LoadedSession {
  readonly isNew: boolean
  readonly maxAge: Lifetime
  toJSON(): Record<string, unknown>
}

export interface State {
  accessed: boolean
  modified: boolean
  isNew: boolean
  maxAge: Lifetime
  /** `session.permanent = true` was said, now or when it was saved: such a session is not empty (as in Flask). */
  permanentByUser: boolean
  /** Whether this request has chosen the lifetime. */
  lifetimeWritten: boolean
  /** `clear()` was called, and what was stored is not destroyed yet. */
  cleared: boolean
  /** `regenerate()` was called. */
  regenerated: boolean
  /** The names that were set and deleted, if anybody wants to know. */
  readonly written: Set<string> | undefined
  /** Why it can't be written, if it can't. */
  refusal: HttpError | undefined
}

/** A session's values, with Flask's controls behind them on the prototype, where `Object.keys` doesn't see them. */
export class SessionValues {
  readonly #state: State
  readonly #configured: Lifetime

  /** @param written where to note the names that are set and deleted */
  constructor(loaded: LoadedSession, configured: Lifetime, written?: Set<string>) {
    const { isNew, maxAge } = loaded
    this.#configured = configured
    this.#state = {
      accessed: false,
      modified: false,
      isNew,
      maxAge,
      permanentByUser: maxAge !== configured,
      lifetimeWritten: false,
      cleared: false,
      regenerated: false,
      written,
      refusal: undefined,
    }
    Object.assign(this, contentOf(loaded.toJSON()))
  }

  static stateOf(values: SessionValues): State {
    return values.#state
  }

  get isNew(): boolean {
    return this.#state.isNew
  }

  get modified(): boolean {
    return this.#state.modified
  }

  get maxAge(): Lifetime {
    return this.#state.maxAge
  }

  set maxAge(maxAge: Lifetime) {
    if (maxAge !== 'session' && !(Number.isInteger(maxAge) && maxAge > 0)) {
      throw new TypeError(`session.maxAge = ${describe(maxAge)}: expected milliseconds from 1 up, or 'session'`)
    }
    this.#state.maxAge = maxAge
    this.#state.permanentByUser = typeof maxAge === 'number'
    this.#state.lifetimeWritten = true
  }

  get permanent(): boolean {
    return typeof this.#state.maxAge === 'number'
  }

  set permanent(permanent: boolean) {
    const lifetime = typeof this.#configured === 'number' ? this.#configured : PERMANENT
    this.maxAge = permanent ? lifetime : 'session'
  }

  clear(): void {
    this.#refuse()
    SessionValues.replace(this, {}, this.#configured)
    this.#state.cleared = this.#state.modified = true
  }

  regenerate(): void {
    this.#refuse()
    this.#state.regenerated = true
  }

  #refuse(): void {
    if (this.#state.refusal !== undefined) throw this.#state.refusal
  }

  /** Takes over a lifetime that somebody else has chosen. */
  static adopt(values: SessionValues, maxAge: Lifetime): void {
    values.#state.maxAge = maxAge
    values.#state.permanentByUser = maxAge !== values.#configured
  }

  /** Forgets all that was done in this request, and has other values. */
  static replace(values: SessionValues, others: object, maxAge: Lifetime): void {
    for (const key of Object.keys(values)) Reflect.deleteProperty(values, key)
    Object.assign(values, others)
    SessionValues.adopt(values, maxAge)
    const state = values.#state
    state.modified = state.cleared = state.regenerated = state.lifetimeWritten = false
    state.written?.clear()
  }
}

/** The values as JSON. Throws a TypeError for what JSON would drop or can't express (docs/rules.md 13.8). */
export function serialise(values: object): string {
  return JSON.stringify(values, (key, value: unknown) => {
    const isLost =
      typeof value === 'function' || typeof value === 'symbol' || value instanceof Map || value instanceof Set
    if (!isLost) return value
    throw new TypeError(`session value ${key} is ${describe(value)}: a session holds only what JSON can express`)
  })
}
