import { randomBytes, timingSafeEqual } from 'node:crypto'
import { endWithKey } from '../session/names'
import type { Session } from '../types'

/** The secret of a session, as it stands under its name in the session. */
const NAME = 'csrf_token'
endWithKey.add(NAME)

const BYTES = 32
/** A text in base64url of so many bytes, and of twice as many. Node would read other characters as well, and leave them out. */
const SECRET = /^[\w-]{43}$/
const TOKEN = /^[\w-]{86}$/

type Secrets = Session & { [NAME]?: unknown }

/** The secret of a session; `undefined` if it has none. A cookie that is not signed may hold anything under that name. */
function secretOf(session: Secrets): Buffer | undefined {
  const secret = session[NAME]
  return typeof secret === 'string' && SECRET.test(secret) ? Buffer.from(secret, 'base64url') : undefined
}

function newSecret(session: Secrets): Buffer {
  const secret = randomBytes(BYTES)
  session[NAME] = secret.toString('base64url')
  return secret
}

/**
 * A token of a session, which gets a secret if it has none. Each token is another text, the secret behind a mask: from how well a
 * page can be compressed, no site can guess what all of its pages have in common.
 */
export function tokenOf(session: Session): string {
  const secret = secretOf(session) ?? newSecret(session)
  const mask = randomBytes(BYTES)
  return Buffer.concat([mask, xor(mask, secret)]).toString('base64url')
}

/** Whether the session has a secret, without which no token is right. */
export const hasSecret = (session: Session): boolean => secretOf(session) !== undefined

/** Whether a token is one of the session's. The comparison takes the same time for each token. */
export function isTokenOf(session: Session, token: string): boolean {
  const secret = secretOf(session)
  if (secret === undefined || !TOKEN.test(token)) return false
  const bytes = Buffer.from(token, 'base64url')
  return timingSafeEqual(xor(bytes.subarray(0, BYTES), bytes.subarray(BYTES)), secret)
}

const xor = (one: Buffer, other: Buffer): Buffer =>
  Buffer.from(one.map((byte, index) => byte ^ (other[index] as number)))
