import type { Session } from '../types'
import { assertNotReserved } from './names'
import { assertWritable, SessionValues, type SessionState } from './values'

/** The methods of `SessionValues`, which must be called on the values themselves. */
const METHODS = new Set<unknown>(['clear', 'regenerate', 'save', 'manuallyCommit', 'commit'])

/** The session that users see: `values`, with each read and write noted [13.3, 13.4]. */
export const trackedSession = (values: SessionValues): Session =>
  new Proxy(values, new Tracking(SessionValues.stateOf(values))) as unknown as Session

/** (One class for all sessions: an object with methods of its own costs each request ten closures.) */
class Tracking implements ProxyHandler<SessionValues> {
  constructor(private readonly state: SessionState) {}

  get(values: SessionValues, key: string | symbol): unknown {
    const { state } = this
    state.accessed = true
    const value = (values as unknown as Record<string | symbol, unknown>)[key]
    if (typeof value === 'object' && value !== null) state.owner.noteExposure()
    else if (typeof value === 'function' && METHODS.has(key)) return value.bind(values) as unknown
    // Not a method of the values, because saving would call it.
    else if (value === undefined && key === 'toJSON') return () => copyOf(values, state)
    return value
  }

  has(values: SessionValues, key: string | symbol): boolean {
    this.state.accessed = true
    return Reflect.has(values, key)
  }

  ownKeys(values: SessionValues): (string | symbol)[] {
    this.state.accessed = true
    return Reflect.ownKeys(values)
  }

  getOwnPropertyDescriptor(values: SessionValues, key: string | symbol): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(values, key)
    if (typeof descriptor?.value === 'object') this.state.owner.noteExposure()
    return descriptor
  }

  set(values: SessionValues, key: string | symbol, value: unknown): boolean {
    const { state } = this
    // Another value is data under a reserved name.
    if (key !== 'modified' || typeof value !== 'boolean') assertNotReserved(key)
    noteWrite(state, key)
    state.accessed = state.modified = true
    return Reflect.set(values, key, value)
  }

  defineProperty(values: SessionValues, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    const { state } = this
    assertNotReserved(key)
    noteWrite(state, key)
    state.accessed = state.modified = true
    return Reflect.defineProperty(values, key, descriptor)
  }

  deleteProperty(values: SessionValues, key: string | symbol): boolean {
    const { state } = this
    // What could not be read may well exist.
    if (state.writeError !== undefined || key in values) assertWritable(state, key)
    state.accessed = true
    if (Object.hasOwn(values, key)) {
      state.modified = true
      state.written?.add(key as string)
    }
    return Reflect.deleteProperty(values, key)
  }
}

/** What `toJSON` makes of a session. */
function copyOf(values: SessionValues, { owner }: SessionState): object {
  owner.noteExposure()
  return Object.assign({}, values)
}

function noteWrite(state: SessionState, key: string | symbol): void {
  assertWritable(state, key)
  state.written?.add(key as string)
}
