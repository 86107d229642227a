import type { Session, SessionCallback, SessionCommitOptions } from '../types'
import { callBack, type Report } from './call-back'
import type { OpenSession, SessionInterface } from './interface'

const nothing = () => undefined

/** Without an option there is nothing to save. */
function commit(
  report: Report,
  options: SessionCommitOptions | SessionCallback = {},
  callback?: SessionCallback,
): unknown {
  if (typeof options === 'function') return commit(report, {}, options)
  return callBack(callback, options.save === true || options.regenerate === true ? throwNoSecretKey : nothing, report)
}

/**
 * The sessions of an application without a secret key: they can be read and are empty; a write throws an error that names the
 * fix [13.6]. One object for all requests, which most such applications never use.
 */
export function nullSession(report: Report): SessionInterface {
  const refuse = (callback?: SessionCallback) => callBack(callback, throwNoSecretKey, report)
  const commitNothing = (...given: [(SessionCommitOptions | SessionCallback)?, SessionCallback?]) =>
    commit(report, ...given)
  const controls = {
    isNew: true,
    modified: false,
    permanent: false,
    maxAge: 'session' as const,
    length: 0,
    populated: false,
    externalKey: undefined,
    toJSON: () => ({}),
    clear: throwNoSecretKey,
    regenerate: refuse,
    save: refuse,
    manuallyCommit: commitNothing,
    commit: commitNothing,
  }
  const data = new Proxy(controls, {
    set: throwNoSecretKey,
    defineProperty: throwNoSecretKey,
    deleteProperty: throwNoSecretKey,
    ownKeys: () => [],
    has: () => false,
  }) as unknown as Session
  const opened: OpenSession = { data, save: () => undefined }
  return { open: () => opened }
}

function throwNoSecretKey(): never {
  throw new Error(
    'The session cannot be written because no secret key is set. Set one: ' +
      'bootstrap(AppController, { secretKey: process.env.SECRET_KEY }), long and random, for instance from `openssl rand -hex 32`.',
  )
}
