import { contentOf } from './names'

type Decoder = (text: string) => unknown

/** The same text as koa-session's own encoder writes. That one checks each call with a schema: a tenth of a session's cost. */
export const encodeBase64 = (session: object): string => Buffer.from(JSON.stringify(session)).toString('base64')

const decodeBase64: Decoder = text => JSON.parse(Buffer.from(text, 'base64').toString()) as unknown

/**
 * Wraps a decoder so that text which can't be decoded counts as no session [13.7]: koa-session would fail this request and
 * each later one. An unsigned cookie may come from anyone, so only valid fields of koa-session's model are taken from it.
 */
export function safeDecoder(decode: Decoder = decodeBase64): Decoder {
  return text => {
    try {
      const decoded = decode(text)
      return typeof decoded === 'object' && decoded !== null && !Array.isArray(decoded)
        ? withValidFields(decoded)
        : undefined
    } catch {
      return undefined
    }
  }
}

function withValidFields(decoded: object): Record<string, unknown> {
  const { _expire, _maxAge, _session } = decoded as Record<string, unknown>
  return {
    ...contentOf(decoded),
    ...(typeof _expire === 'number' && { _expire }),
    ...(isLifetime(_maxAge) && { _maxAge }),
    ...(_session === true && { _session }),
  }
}

/** Whether a value is a positive number of milliseconds after which a JavaScript date is still valid. */
const isLifetime = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0 && Number(value) < 1e15
