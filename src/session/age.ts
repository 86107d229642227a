import { permanentLifetime } from './lifetime'
import type { SessionSettings } from './options'

type Content = Record<string, unknown>

/** The options that decide how old a session may be. */
export type AgeLimits = Pick<SessionSettings, 'maxAge' | 'acceptUndated'>

/** How far the clocks of two servers may be apart. A later time is a mistake, and its session would live for too long. */
const MAX_CLOCK_SKEW_MS = 60_000

/** A session to be signed or stored, with the time. koa-session keeps its own fields, such as `_expire`, in the same way. */
export const withTime = (session: object): Content => ({ ...session, _time: Date.now() })

/**
 * Gives a session that lasts until the browser closes the end that Flask gives it: what the client or a thief has kept for
 * longer than a permanent session's lifetime is refused by koa-session, as expired.
 *
 * @param session a copy of a session as `withTime` has made it: it gets the end
 * @returns `undefined` if the session must not be used: it has no time, and `acceptUndated` is false, or one in the future
 */
export function withExpiry(session: Content, { maxAge, acceptUndated }: AgeLimits): Content | undefined {
  const { _time: time, _expire: expire = Number(time) + permanentLifetime(maxAge) } = session
  if (typeof time !== 'number') return acceptUndated ? session : undefined
  return time > Date.now() + MAX_CLOCK_SKEW_MS ? undefined : Object.assign(session, { _expire: expire })
}
