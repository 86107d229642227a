import type { Session } from '../types'
import { assertNotReserved } from './names'
import { assertWritable, SessionValues, type SessionState } from './values'

/** The methods of `SessionValues`, which must be called on the values themselves. */
const METHODS = new Set<unknown>(['clear', 'regenerate', 'save', 'manuallyCommit', 'commit'])

/** The session that users see: `values`, with each read and write noted [13.3, 13.4]. */
export function trackedSession(values: SessionValues): Session {
  const state = SessionValues.stateOf(values)
  const proxy: unknown = new Proxy(values, {
    get(_, key) {
      state.accessed = true
      const value = Reflect.get(values, key) as unknown
      if (typeof value === 'function' && METHODS.has(key)) return value.bind(values) as unknown
      // Not a method of the values, because saving would call it.
      if (value === undefined && key === 'toJSON') return () => Object.assign({}, values) as object
      return value
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
      // Another value is data under a reserved name.
      if (key !== 'modified' || typeof value !== 'boolean') assertNotReserved(key)
      noteWrite(state, key)
      state.accessed = state.modified = true
      return Reflect.set(values, key, value)
    },
    defineProperty(_, key, descriptor) {
      assertNotReserved(key)
      noteWrite(state, key)
      state.accessed = state.modified = true
      return Reflect.defineProperty(values, key, descriptor)
    },
    deleteProperty(_, key) {
      // What could not be read may well exist.
      if (state.writeError !== undefined || key in values) assertWritable(state, key)
      state.accessed = true
      if (Object.hasOwn(values, key)) {
        state.modified = true
        state.written?.add(key as string)
      }
      return Reflect.deleteProperty(values, key)
    },
  })
  return proxy as Session
}

function noteWrite(state: SessionState, key: string | symbol): void {
  assertWritable(state, key)
  state.written?.add(key as string)
}
