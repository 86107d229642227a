import { isRecord } from '../util/is-record'
import { withExpiry, withTime, type AgeLimits } from './age'
import { decoded, encoded } from './checked-functions'
import { isMilliseconds } from './lifetime'
import { contentOf } from './names'
import type { SessionSettings } from './options'

type Decoder = (text: string) => unknown

/** The same text as koa-session's own encoder writes. That one checks each call with a schema: a tenth of a session's cost. */
const encodeBase64 = (session: object): string => Buffer.from(JSON.stringify(session)).toString('base64')

const decodeBase64: Decoder = text => JSON.parse(Buffer.from(text, 'base64').toString()) as unknown

/** What makes the cookie's text of a session, and reads it: the user's own or the default ones, with the time in the text. */
export function cookieCodec(settings: SessionSettings): { encode: (session: object) => string; decode: Decoder } {
  const { encode: ownEncode, decode = decodeBase64 } = settings
  const encode = ownEncode === undefined ? encodeBase64 : (session: object) => encoded(ownEncode(session))
  // The time in a cookie that is not signed proves nothing.
  const acceptUndated = settings.acceptUndated || settings.signed === false
  const { maxAge } = settings
  return { encode: session => encode(withTime(session)), decode: safeDecoder(decode, { maxAge, acceptUndated }) }
}

/**
 * Wraps a decoder so that text which can't be decoded counts as no session [13.7]: koa-session would fail this request and
 * each later one. An unsigned cookie may come from anyone, so only valid fields of koa-session's model are taken from it.
 */
function safeDecoder(decode: Decoder, limits: AgeLimits): Decoder {
  return text => {
    let content: unknown
    try {
      content = decode(text)
    } catch {
      return undefined
    }
    const session = decoded(content)
    try {
      return isRecord(session) ? withExpiry(withValidFields(session), limits) : undefined
    } catch {
      return undefined
    }
  }
}

/** The values of a session, and those of koa-session's own fields that are valid. */
export function withValidFields(decoded: Record<string, unknown>): Record<string, unknown> {
  const { _expire, _maxAge, _session, _time } = decoded
  const valid = contentOf(decoded)
  if (typeof _expire === 'number') valid._expire = _expire
  if (isMilliseconds(_maxAge)) valid._maxAge = _maxAge
  if (_session === true) valid._session = _session
  if (typeof _time === 'number') valid._time = _time
  return valid
}
