import { contentOf } from './names'
import { SessionValues } from './values'
import { isMilliseconds, type Lifetime } from './lifetime'

/** The content and lifetime of a session in the store at one moment. */
export interface SessionVersion {
  readonly content: Readonly<Record<string, unknown>>
  readonly maxAge: Lifetime
}

/** Reads what koa-session has stored; a lifetime other than the configured one is under koa-session's own names. */
export function versionOf(stored: unknown, configured: Lifetime): SessionVersion {
  const { _maxAge, _session } = Object(stored) as { _maxAge?: unknown; _session?: unknown }
  const ownLifetime = isMilliseconds(_maxAge) ? (_maxAge as number) : configured
  return { content: contentOf(stored as object), maxAge: _session === true ? 'session' : ownLifetime }
}

/** The names whose values differ. */
export function differences(one: object, other: object): string[] {
  const [a, b] = [one, other] as Record<string, unknown>[]
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].filter(name => JSON.stringify(a?.[name]) !== JSON.stringify(b?.[name]))
}

/** Whether another request has done more than extend the session's lifetime. */
export const isVersionChanged = (before: SessionVersion, now: SessionVersion): boolean =>
  before.maxAge !== now.maxAge || differences(before.content, now.content).length > 0

/** Takes over what other requests have changed since `before`, except for the names that this request has written. */
export function merge(values: SessionValues, before: SessionVersion, now: SessionVersion): void {
  const state = SessionValues.stateOf(values)
  for (const name of differences(before.content, now.content)) {
    if (state.written?.has(name)) continue
    if (Object.hasOwn(now.content, name)) Object.assign(values, { [name]: now.content[name] })
    else Reflect.deleteProperty(values, name)
  }
  if (before.maxAge !== now.maxAge && !state.lifetimeWritten) SessionValues.adoptLifetime(values, now.maxAge)
}
