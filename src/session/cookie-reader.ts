import type { Context } from '../types'
import type { CookieSigner } from './cookie-signer'
import { cookieCodec } from './cookie-codec'
import { versionOf } from './merge'
import type { SessionSettings } from './options'
import type { LoadedSession } from './values'

/** A session that was read, and whether its cookie is signed by a key that is no longer the first. */
interface ReadSession extends LoadedSession {
  readonly isOutdated: boolean
}

/**
 * Reads sessions from cookies without koa-session, whose context, model and checksum are not needed before a session is
 * written: that saves a third of a request. What is read is the same.
 */
export class CookieReader {
  readonly #settings: SessionSettings
  readonly #signer: CookieSigner | undefined
  readonly #decode: (text: string) => unknown
  readonly #value: RegExp
  readonly #signature: RegExp

  constructor(settings: SessionSettings, signer: CookieSigner | undefined) {
    this.#settings = settings
    this.#signer = settings.signed === false ? undefined : signer
    this.#decode = cookieCodec(settings).decode
    this.#value = patternOf(settings.key)
    this.#signature = patternOf(`${settings.key}.sig`)
  }

  /** Whether nothing but the cookie decides what a session is: functions of the user expect koa-session's context. */
  static canRead({ store, ContextStore, decode, valid, renew }: SessionSettings): boolean {
    const given: unknown[] = [store, ContextStore, decode, valid]
    return given.every(each => each === undefined) && renew !== true
  }

  /** @returns `undefined` for a session that is refused in spite of its signature: koa-session emits an event for it */
  read(ctx: Context): ReadSession | undefined {
    const { key, maxAge } = this.#settings
    const header = ctx.req.headers.cookie ?? ''
    const text = valueIn(header, this.#value)
    const signedBy = text === '' ? -1 : this.#verify(`${key}=${text}`, header)
    if (signedBy < 0) return { isNew: true, isOutdated: false, maxAge, content: {} }
    const session = this.#decode(text) as { readonly _expire?: number } | undefined
    if (session === undefined || Number(session._expire) < Date.now()) return undefined
    return { isNew: false, isOutdated: signedBy > 0, ...versionOf(session, maxAge) }
  }

  #verify(pair: string, header: string): number {
    if (this.#signer === undefined) return 0
    const signature = valueIn(header, this.#signature)
    return signature === '' ? -1 : this.#signer.index(pair, signature)
  }
}

/** As in `cookies`: the first cookie of a name counts, and spaces may be in front of it. */
const patternOf = (name: string) => new RegExp(`(?:^|;) *${name.replace(/[\^$\\.*+?()[\]{}|]/g, '\\$&')}=([^;]*)`)

function valueIn(header: string, pattern: RegExp): string {
  const value = pattern.exec(header)?.[1] ?? ''
  return value.startsWith('"') ? value.slice(1, -1) : value
}
