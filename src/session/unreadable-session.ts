import { sessionUnavailable, writeRefused } from './failures'
import type { OpenSession, Reporter } from './interface'
import type { SessionSettings } from './options'
import { trackedSession } from './tracked'
import { varyByCookie } from './vary'
import { SessionValues, type SessionOwner } from './values'

const nothing = () => undefined

/** The session when the store could not be read, unless `onStoreFailure` is `'fail'`: empty, and never saved. */
export function unreadableSession(
  { maxAge, onStoreFailure }: SessionSettings,
  failure: Error,
  reporter: Reporter,
): OpenSession {
  const owner: SessionOwner = {
    externalKey: undefined,
    hasChanges: false,
    acceptChanges: nothing,
    noteExposure: nothing,
    // The store's failure itself was reported when the session was opened.
    noteWrite: name => {
      if (state.writeError !== undefined && !isRefused) reporter.report(writeRefused(`session.${String(name)}`))
      isRefused = true
    },
    commit: () => Promise.resolve(),
    report: error => {
      reporter.report(error)
    },
  }
  let isRefused = false
  const values = new SessionValues({ isNew: true, maxAge, content: {} }, maxAge, owner)
  const state = SessionValues.stateOf(values)
  if (onStoreFailure === 'read-only') state.writeError = sessionUnavailable(failure)
  return {
    data: trackedSession(values),
    save(ctx) {
      if (state.accessed) varyByCookie(ctx)
      return undefined
    },
  }
}
