import { inspect } from 'node:util'
import { describe } from '../errors/describe'
import type { HttpError, SessionCallback, SessionCommitOptions } from '../types'
import { isMilliseconds, permanentLifetime, type Lifetime } from './lifetime'
import { callBack } from './call-back'
import { endWithKey } from './names'

/** A session as it was loaded. */
export interface LoadedSession {
  readonly isNew: boolean
  readonly maxAge: Lifetime
  /** The user's values. */
  readonly content: object
}

/** What saves a session. */
export interface SessionOwner {
  readonly externalKey: string | undefined
  /** Whether values differ from those that were loaded, also inside of them. */
  readonly hasChanges: boolean
  /** From now on, what has changed until now is no change. */
  acceptChanges(): void
  /** Must be called before code of the user gets an object that is a value: it may change inside. */
  noteExposure(): void
  /** Is called before each write, with its name for a message. */
  noteWrite(name: string | symbol): void
  /** Saves the session now. */
  commit(): Promise<void>
  /** Reports an error that does not change the response. */
  report(error: Error): void
}

export interface SessionState {
  readonly owner: SessionOwner
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
  /** `save()` was called and has not succeeded yet. */
  forced: boolean
  /** `save()` was called: the session is kept even if it is empty. */
  kept: boolean
  /** Whether this request has saved changes already: see `noteCommitted`. */
  committed: boolean
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
  constructor(loaded: LoadedSession, configured: Lifetime, owner: SessionOwner, written?: Set<string>) {
    const { isNew, maxAge } = loaded
    this.#configured = configured
    this.#state = {
      owner,
      accessed: false,
      modified: false,
      isNew,
      maxAge,
      permanentByUser: maxAge !== configured,
      lifetimeWritten: false,
      cleared: false,
      regenerated: false,
      forced: false,
      kept: false,
      committed: false,
      written,
      writeError: undefined,
    }
    Object.assign(this, loaded.content)
  }

  static stateOf(values: SessionValues): SessionState {
    return values.#state
  }

  get isNew(): boolean {
    return this.#state.isNew
  }

  get modified(): boolean {
    return this.#state.modified || this.#state.committed || this.#state.owner.hasChanges
  }

  /** As in Flask: `true` has the session saved, `false` has nothing saved that was written until now. */
  set modified(modified: boolean) {
    this.#state.modified = modified
    if (!modified) this.#state.owner.acceptChanges()
  }

  get maxAge(): Lifetime {
    return this.#state.maxAge
  }

  set maxAge(maxAge: Lifetime) {
    if (maxAge !== 'session' && !isMilliseconds(maxAge)) {
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
    this.maxAge = permanent ? permanentLifetime(this.#configured) : 'session'
  }

  clear(): void {
    assertWritable(this.#state, 'clear()')
    SessionValues.replace(this, {}, this.#configured)
    this.#state.cleared = this.#state.modified = true
  }

  regenerate(callback?: SessionCallback): Promise<void> | undefined {
    return this.#callBack(callback, () => {
      this.#requestNewKey()
    })
  }

  save(callback?: SessionCallback): Promise<void> | undefined {
    return this.commit({ save: true }, callback)
  }

  manuallyCommit(): Promise<void> | undefined {
    return this.commit()
  }

  commit(options: SessionCommitOptions | SessionCallback = {}, callback?: SessionCallback): Promise<void> | undefined {
    if (typeof options === 'function') return this.commit({}, options)
    const state = this.#state
    return this.#callBack(callback, () => {
      if (options.regenerate === true) this.#requestNewKey()
      if (options.save === true || options.regenerate === true) state.forced = true
      // What clear() has emptied stays deleted.
      if (state.forced && !state.cleared) state.kept = true
      return state.owner.commit()
    })
  }

  get length(): number {
    return Object.keys(this).length
  }

  get populated(): boolean {
    return this.length > 0
  }

  get externalKey(): string | undefined {
    return this.#state.owner.externalKey
  }

  /** For `console.log`, which shows what is behind a proxy. */
  [inspect.custom](): object {
    return Object.assign({}, this)
  }

  #callBack(callback: SessionCallback | undefined, work: () => Promise<void> | void): Promise<void> | undefined {
    const { owner } = this.#state
    return callBack(callback, work, error => {
      owner.report(error)
    })
  }

  #requestNewKey(): void {
    const state = this.#state
    assertWritable(state, 'regenerate()')
    state.regenerated = true
    for (const name of [...endWithKey].filter(each => Object.hasOwn(this, each))) {
      Reflect.deleteProperty(this, name)
      state.modified = true
      state.written?.add(name)
    }
  }

  /** Takes over a lifetime that another request has set, or the configured one. */
  static adoptLifetime(values: SessionValues, maxAge: Lifetime): void {
    values.#state.maxAge = maxAge
    values.#state.permanentByUser = maxAge !== values.#configured
  }

  /** After `commit()`: the save at the end of the request is about later changes, and must not undo those of other requests. */
  static noteCommitted(values: SessionValues): void {
    const state = values.#state
    state.committed ||= state.modified
    state.modified = state.regenerated = state.lifetimeWritten = state.forced = false
    state.written?.clear()
  }

  /** Forgets all changes of this request and takes over `content`. */
  static replace(values: SessionValues, content: object, maxAge: Lifetime): void {
    for (const key of Object.keys(values)) Reflect.deleteProperty(values, key)
    Object.assign(values, content)
    SessionValues.adoptLifetime(values, maxAge)
    const state = values.#state
    state.modified = state.cleared = state.regenerated = state.lifetimeWritten = state.forced = state.kept = false
    state.written?.clear()
  }
}

/** Must be called before each write. Throws if the session is read-only. */
export function assertWritable({ owner, writeError }: SessionState, name: string | symbol): void {
  owner.noteWrite(name)
  if (writeError !== undefined) throw writeError
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
