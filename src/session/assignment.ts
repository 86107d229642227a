import { describe } from '../errors/describe'
import type { Session } from '../types'
import { assertNotReserved } from './names'

/** Puts the values of an object in the place of those that a session has. The session keeps its key and its lifetime. */
export function replaceValues(session: Session, value: unknown): void {
  if (typeof value !== 'object') {
    throw new TypeError(
      `ctx.session = ${describe(value)}: assign null, which destroys the session, or an object with its new values`,
    )
  }
  // A copy: it may be the session itself, or have been made of it.
  const values = { ...value }
  // Before any change, so that the session is replaced as a whole or not at all.
  for (const name of Object.keys(values)) assertNotReserved(name)
  for (const name of Object.keys(session)) if (!Object.hasOwn(values, name)) Reflect.deleteProperty(session, name)
  Object.assign(session, values)
}
