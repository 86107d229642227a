import type { Session } from '../types'
import { assertNotReserved } from './names'
import { SessionValues, type SessionState } from './values'

/** The session that users see: `values`, with each read and write noted [13.3, 13.4]. */
export function trackedSession(values: SessionValues): Session {
  const state = SessionValues.stateOf(values)
  return new Proxy(values, {
    get(_, key) {
      state.accessed = true
      if (key === 'clear' || key === 'regenerate') return values[key].bind(values)
      return Reflect.get(values, key) as unknown
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
      noteWrite(state, key)
      state.accessed = state.modified = true
      return Reflect.set(values, key, value)
    },
    defineProperty(_, key, descriptor) {
      noteWrite(state, key)
      state.accessed = state.modified = true
      return Reflect.defineProperty(values, key, descriptor)
    },
    deleteProperty(_, key) {
      if (state.writeError !== undefined) throw state.writeError
      state.accessed = true
      if (Object.hasOwn(values, key)) {
        state.modified = true
        state.written?.add(key as string)
      }
      return Reflect.deleteProperty(values, key)
    },
  })
}

/** Throws if the name is reserved or the session is read-only. */
function noteWrite(state: SessionState, key: string | symbol): void {
  assertNotReserved(key)
  if (state.writeError !== undefined) throw state.writeError
  state.written?.add(key as string)
}
