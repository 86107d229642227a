import { describe } from './errors'
import type { Session } from './types'

/** Milliseconds, or until the browser closes. */
export type Lifetime = number | 'session'

/** The part of koa-session's model that flaskoa uses. */
export interface Model {
  readonly isNew: boolean
  maxAge: Lifetime
  toJSON(): Record<string, unknown>
  save(): Promise<void>
  manuallyCommit(): Promise<void>
}

/** How long a permanent session lasts when `maxAge` says nothing else: 31 days, Flask's default, in milliseconds. */
const PERMANENT = 31 * 24 * 60 * 60 * 1000

/** Names that koa-session keeps for itself: a value under one of them would be lost. */
const RESERVED = new Set([
  ...['__proto__', 'length', 'populated', 'externalKey', 'save', 'regenerate', 'manuallyCommit', 'commit', 'toJSON'],
  ...['isNew', 'modified', 'clear'],
])

/** Names that can be written, but are no values. */
const CONTROLS = new Set(['permanent', 'maxAge'])

interface State {
  accessed: boolean
  modified: boolean
  isNew: boolean
  maxAge: Lifetime
  /** `session.permanent = true` was said, now or when it was saved: such a session is not empty (as in Flask). */
  permanentByUser: boolean
}

/** A session's values, with Flask's controls behind them on the prototype, where `Object.keys` doesn't see them. */
export class SessionValues {
  readonly #state: State
  readonly #configured: Lifetime

  constructor(model: Model, configured: Lifetime) {
    const { isNew, maxAge } = model
    this.#configured = configured
    this.#state = { accessed: false, modified: false, isNew, maxAge, permanentByUser: maxAge !== configured }
    // Somebody else may have written the cookie: what would hide the session's own names is left out.
    const values = Object.entries(model.toJSON()).filter(([key]) => !isReserved(key) && !CONTROLS.has(key))
    Object.assign(this, Object.fromEntries(values))
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
  }

  get permanent(): boolean {
    return typeof this.#state.maxAge === 'number'
  }

  set permanent(permanent: boolean) {
    const lifetime = typeof this.#configured === 'number' ? this.#configured : PERMANENT
    this.maxAge = permanent ? lifetime : 'session'
  }

  clear(): void {
    for (const key of Object.keys(this)) Reflect.deleteProperty(this, key)
    this.#state.maxAge = this.#configured
    this.#state.permanentByUser = false
    this.#state.modified = true
  }
}

/** The session a user sees: `values`, with what is done to them noted (docs/rules.md 13.3, 13.4). */
export function tracked(values: SessionValues): Session {
  const state = SessionValues.stateOf(values)
  return new Proxy(values, {
    get(_, key) {
      state.accessed = true
      const value: unknown = Reflect.get(values, key)
      return key === 'clear' ? values.clear.bind(values) : value
    },
    has(_, key) {
      state.accessed = true
      return Reflect.has(values, key)
    },
    ownKeys() {
      state.accessed = true
      return Reflect.ownKeys(values)
    },
    set(_, key, value) {
      refuseReserved(key)
      state.accessed = state.modified = true
      return Reflect.set(values, key, value)
    },
    defineProperty(_, key, descriptor) {
      refuseReserved(key)
      state.accessed = state.modified = true
      return Reflect.defineProperty(values, key, descriptor)
    },
    deleteProperty(_, key) {
      state.accessed = true
      if (Object.hasOwn(values, key)) state.modified = true
      return Reflect.deleteProperty(values, key)
    },
  })
}

const isReserved = (key: string | symbol) => typeof key === 'symbol' || RESERVED.has(key) || key.startsWith('_')

function refuseReserved(key: string | symbol): void {
  if (!isReserved(key)) return
  throw new TypeError(
    `session key ${String(key)}: this name is kept for the session itself and a value under it would not be saved; ` +
      'choose another (names that begin with "_" are kept too)',
  )
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

/** Without a secret: readable and empty; a write says what to do (docs/rules.md 13.6). */
export const NULL_SESSION = new Proxy(
  { isNew: true, modified: false, permanent: false, maxAge: 'session' as const, clear: refuseWrite },
  { set: refuseWrite, defineProperty: refuseWrite, deleteProperty: refuseWrite, ownKeys: () => [], has: () => false },
) as unknown as Session

function refuseWrite(): never {
  throw new Error(
    'The session cannot be written because no secret key is set. Give one: ' +
      'bootstrap(AppController, { secretKey: process.env.SECRET_KEY }), long and random, for instance from `openssl rand -hex 32`.',
  )
}
