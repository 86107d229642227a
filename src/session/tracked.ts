import type { Session } from '../types'
import { refuseReserved } from './names'
import { SessionValues, type State } from './values'

/** The session a user sees: `values`, with what is done to them noted (docs/rules.md 13.3, 13.4). */
export function tracked(values: SessionValues): Session {
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
      if (state.refusal !== undefined) throw state.refusal
      state.accessed = true
      if (Object.hasOwn(values, key)) {
        state.modified = true
        state.written?.add(key as string)
      }
      return Reflect.deleteProperty(values, key)
    },
  })
}

/** Throws when the name can't be written, or nothing can. */
function noteWrite(state: State, key: string | symbol): void {
  refuseReserved(key)
  if (state.refusal !== undefined) throw state.refusal
  state.written?.add(key as string)
}
