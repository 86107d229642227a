import type { Session, SessionCallback, SessionCommitOptions } from '../types'
import { callBack } from './call-back'
import type { OpenSession, SessionInterface } from './interface'

const nothing = () => undefined

const refuse = (callback?: SessionCallback) => callBack(callback, throwNoSecretKey)

/** Without an option there is nothing to save. */
function commit(options: SessionCommitOptions | SessionCallback = {}, callback?: SessionCallback): unknown {
  if (typeof options === 'function') return commit({}, options)
  return callBack(callback, options.save === true || options.regenerate === true ? throwNoSecretKey : nothing)
}

/** The session when no secret key is set: it can be read and is empty; a write throws an error that names the fix [13.6]. */
const NULL_SESSION = new Proxy(
  {
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
    manuallyCommit: commit,
    commit,
  },
  {
    set: throwNoSecretKey,
    defineProperty: throwNoSecretKey,
    deleteProperty: throwNoSecretKey,
    ownKeys: () => [],
    has: () => false,
  },
) as unknown as Session

const OPEN_NULL_SESSION: OpenSession = { data: NULL_SESSION, save: () => undefined }

export const nullSession: SessionInterface = {
  open: () => OPEN_NULL_SESSION,
}

function throwNoSecretKey(): never {
  throw new Error(
    'The session cannot be written because no secret key is set. Set one: ' +
      'bootstrap(AppController, { secretKey: process.env.SECRET_KEY }), long and random, for instance from `openssl rand -hex 32`.',
  )
}
