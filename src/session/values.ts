import { describe } from '../errors/describe'
import type { HttpError } from '../types'
import type { Lifetime } from './lifetime'
import { contentOf } from './names'

/** How long a permanent session lasts unless `maxAge` is a number: 31 days, Flask's default, in milliseconds. */
const PERMANENT_LIFETIME_MS = 31 * 24 * 60 * 60 * 1000

/** A session as koa-session has loaded it. */
export interface LoadedSession {
  readonly isNew: boolean
  readonly maxAge: Lifetime
  toJSON(): Record<string, unknown>
}

export interface SessionState {
  accessed: boolean
  modified: boolean
  isNew: boolean
  maxAge: Lifetime
  /** `session.permanent = true` was set, now or in an earlier request: such a session is not empty, as in Flask. */
  permanentByUser: boolean
  /** Whether this request has set the lifetime. */
  lifetimeWritten: boolean
  /** `clear()` was called, and the stored session is not destroyed yet. */
  cleared: boolean
  /** `regenerate()` was called. */
  regenerated: boolean
  /** The names that were set and deleted, if the session needs them for a merge. */
  readonly written: Set<string> | undefined
  /** The error that a write throws, if the session is read-only. */
  writeError: HttpError | undefined
}

/** A session's values, with Flask's controls on the prototype, where `Object.keys` doesn't find them. */
export class SessionValues {
  readonly #state: SessionState
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
      writeError: undefined,
    }
    Object.assign(this, contentOf(loaded.toJSON()))
  }

  static stateOf(values: SessionValues): SessionState {
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
    const lifetime = typeof this.#configured === 'number' ? this.#configured : PERMANENT_LIFETIME_MS
    this.maxAge = permanent ? lifetime : 'session'
  }

  clear(): void {
    this.#assertWritable()
    SessionValues.replace(this, {}, this.#configured)
    this.#state.cleared = this.#state.modified = true
  }

  regenerate(): void {
    this.#assertWritable()
    this.#state.regenerated = true
  }

  #assertWritable(): void {
    if (this.#state.writeError !== undefined) throw this.#state.writeError
  }

  /** Takes over a lifetime that another request has set, or the configured one. */
  static adoptLifetime(values: SessionValues, maxAge: Lifetime): void {
    values.#state.maxAge = maxAge
    values.#state.permanentByUser = maxAge !== values.#configured
  }

  /** Forgets all changes of this request and takes over `content`. */
  static replace(values: SessionValues, content: object, maxAge: Lifetime): void {
    for (const key of Object.keys(values)) Reflect.deleteProperty(values, key)
    Object.assign(values, content)
    SessionValues.adoptLifetime(values, maxAge)
    const state = values.#state
    state.modified = state.cleared = state.regenerated = state.lifetimeWritten = false
    state.written?.clear()
  }
}

/** The values as JSON. Throws a TypeError for a value that JSON would drop or can't express [13.8]. */
export function serialise(values: object): string {
  return JSON.stringify(values, (key, value: unknown) => {
    const isLost =
      typeof value === 'function' || typeof value === 'symbol' || value instanceof Map || value instanceof Set
    if (!isLost) return value
    throw new TypeError(
      `session value ${key} is ${describe(value)}: a session can hold only values that JSON can express`,
    )
  })
}
