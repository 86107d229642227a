import { contentOf } from './names'
import { SessionValues } from './values'
import { type Lifetime } from './lifetime'

/** A session as it was, or is, in the store. */
export interface Version {
  readonly content: Readonly<Record<string, unknown>>
  readonly maxAge: Lifetime
}

/** What koa-session has stored: with names of its own for the lifetime, where it isn't the one that is configured. */
export function versionOf(stored: unknown, configured: Lifetime): Version {
  const { _maxAge, _session } = Object(stored) as { _maxAge?: Lifetime; _session?: boolean }
  return { content: contentOf(stored as object), maxAge: _session === true ? 'session' : (_maxAge ?? configured) }
}

/** The names whose values differ. */
export function differences(one: object, other: object): string[] {
  const [a, b] = [one, other] as Record<string, unknown>[]
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  return [...names].filter(name => JSON.stringify(a?.[name]) !== JSON.stringify(b?.[name]))
}

/** Whether another request has done more than to make the session last. */
export const hasChanged = (before: Version, now: Version): boolean =>
  before.maxAge !== now.maxAge || differences(before.content, now.content).length > 0

/** Takes over what others have done since `before`, but for the names that this request has written itself. */
export function merge(values: SessionValues, before: Version, now: Version): void {
  const state = SessionValues.stateOf(values)
  for (const name of differences(before.content, now.content)) {
    if (state.written?.has(name)) continue
    if (Object.hasOwn(now.content, name)) Object.assign(values, { [name]: now.content[name] })
    else Reflect.deleteProperty(values, name)
  }
  if (before.maxAge !== now.maxAge && !state.lifetimeWritten) SessionValues.adopt(values, now.maxAge)
}
