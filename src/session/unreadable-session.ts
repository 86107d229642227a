import { unavailable } from './failures'
import type { OpenSession } from './interface'
import type { Settings } from './options'
import { tracked } from './tracked'
import { SessionValues } from './values'

/** A session that could not be read, as `onStoreFailure` wants it: empty, and never saved. */
export function unreadableSession({ maxAge, onStoreFailure }: Settings, failure: Error): OpenSession {
  const values = new SessionValues({ isNew: true, maxAge, toJSON: () => ({}) }, maxAge)
  const state = SessionValues.stateOf(values)
  if (onStoreFailure === 'read-only') state.refusal = unavailable(failure)
  return {
    data: tracked(values),
    save(ctx) {
      if (state.accessed) ctx.vary('Cookie')
      return undefined
    },
  }
}
