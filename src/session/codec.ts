import { contentOf } from './names'

type Decode = (text: string) => unknown

/** As koa-session writes it, whose own looks at each call by a schema (a tenth of what a session costs). */
export const toBase64 = (session: object): string => Buffer.from(JSON.stringify(session)).toString('base64')

const fromBase64: Decode = text => JSON.parse(Buffer.from(text, 'base64').toString()) as unknown

/**
 * What can't be decoded is no session (docs/rules.md 13.7): koa-session would fail the request, and each one after it. Without
 * a signature anybody may have written the cookie: nothing in it may replace what koa-session's model has of its own.
 */
export function lenient(decode: Decode = fromBase64): Decode {
  return text => {
    try {
      const decoded = decode(text)
      return typeof decoded === 'object' && decoded !== null && !Array.isArray(decoded) ? cleaned(decoded) : undefined
    } catch {
      return undefined
    }
  }
}

function cleaned(decoded: object): Record<string, unknown> {
  const { _expire, _maxAge, _session } = decoded as Record<string, unknown>
  return {
    ...contentOf(decoded),
    ...(typeof _expire === 'number' && { _expire }),
    ...(isLifetime(_maxAge) && { _maxAge }),
    ...(_session === true && { _session }),
  }
}

/** Milliseconds, in which a date that JavaScript knows is reached. */
const isLifetime = (value: unknown): boolean => Number.isInteger(value) && Number(value) > 0 && Number(value) < 1e15
