import { createHmac, timingSafeEqual } from 'node:crypto'
import type Koa from 'koa'

/** The keys of `secretKey` or of the application, or a Keygrip of the application. The first key signs, all verify. */
export type Keys = readonly string[] | Koa['keys']

/** What a Keygrip has that cookies need. */
export interface CookieSigner {
  sign(text: string): string
  /** Returns which key has signed a text: 0 for the first, -1 for a signature of another key. */
  index(text: string, signature: string): number
}

/** What signs with keys. A Keygrip may have a hash of its own, so it signs itself. */
export const cookieSigner = (keys: Keys): CookieSigner => (isList(keys) ? new KeyList(keys) : keys)

const isList = (keys: Keys): keys is readonly string[] => Array.isArray(keys)

/**
 * Makes the same signatures as keygrip, and verifies them with one HMAC for each key. Keygrip makes three and random bytes: a
 * tenth of a request with a session on Node 20, and a third on Node 24.
 */
class KeyList implements CookieSigner {
  /** The application's own list: a key that is added later counts. */
  constructor(private readonly keys: readonly string[]) {}

  sign(text: string): string {
    const [first] = this.keys
    if (first === undefined) throw new Error('The session cannot be written because the list of keys is empty.')
    return hmac(text, first)
  }

  index(text: string, signature: string): number {
    const given = Buffer.from(signature)
    return this.keys.findIndex(key => isSame(Buffer.from(hmac(text, key)), given))
  }
}

const hmac = (text: string, key: string) => createHmac('sha1', key).update(text).digest('base64url')

/** Compares in constant time. All signatures have one length, so that of an expected one is no secret. */
const isSame = (expected: Buffer, given: Buffer) => expected.length === given.length && timingSafeEqual(expected, given)
