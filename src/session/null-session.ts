import type { Session } from '../types'
import type { OpenSession, SessionInterface } from './interface'

/** Without a secret: readable and empty; a write says what to do (docs/rules.md 13.6). */
const NULL_SESSION = new Proxy(
  {
    isNew: true,
    modified: false,
    permanent: false,
    maxAge: 'session' as const,
    clear: refuseWrite,
    regenerate: refuseWrite,
  },
  { set: refuseWrite, defineProperty: refuseWrite, deleteProperty: refuseWrite, ownKeys: () => [], has: () => false },
) as unknown as Session

const NOTHING_OPEN: OpenSession = { data: NULL_SESSION, save: () => undefined }

export const nullSession: SessionInterface = {
  open: () => NOTHING_OPEN,
}

function refuseWrite(): never {
  throw new Error(
    'The session cannot be written because no secret key is set. Give one: ' +
      'bootstrap(AppController, { secretKey: process.env.SECRET_KEY }), long and random, for instance from `openssl rand -hex 32`.',
  )
}
