import { sessionUnavailable } from './failures'
import type { OpenSession } from './interface'
import type { SessionSettings } from './options'
import { trackedSession } from './tracked'
import { SessionValues } from './values'

/** The session when the store could not be read, unless `onStoreFailure` is `'fail'`: empty, and never saved. */
export function unreadableSession({ maxAge, onStoreFailure }: SessionSettings, failure: Error): OpenSession {
  const owner = { externalKey: undefined, commit: () => Promise.resolve() }
  const values = new SessionValues({ isNew: true, maxAge, toJSON: () => ({}) }, maxAge, owner)
  const state = SessionValues.stateOf(values)
  if (onStoreFailure === 'read-only') state.writeError = sessionUnavailable(failure)
  return {
    data: trackedSession(values),
    save(ctx) {
      if (state.accessed) ctx.vary('Cookie')
      return undefined
    },
  }
}
