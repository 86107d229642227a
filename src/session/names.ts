/**
 * Names of values that end with the key of a session, at `regenerate()`: who knew one before a log-in must not know it after it.
 * Extensions add theirs, such as the secret of `csrf()`.
 */
export const endWithKey = new Set<string>()

/** Names that koa-session reserves: a value under one of them would be lost. */
const RESERVED_NAMES = new Set([
  ...['__proto__', 'length', 'populated', 'externalKey', 'save', 'regenerate', 'manuallyCommit', 'commit', 'toJSON'],
  ...['isNew', 'modified', 'clear'],
])

/** Names that can be written but are not values. */
const CONTROL_NAMES = new Set(['permanent', 'maxAge'])

const isReservedName = (key: string | symbol) =>
  typeof key === 'symbol' || RESERVED_NAMES.has(key) || key.startsWith('_')

export function assertNotReserved(key: string | symbol): void {
  if (!isReservedName(key)) return
  throw new TypeError(
    `session key ${String(key)}: this name is reserved for the session itself and a value under it would not be saved. ` +
      'Choose another name (names that begin with "_" are reserved too)',
  )
}

/** The user's values in a session. Other software may have written it, so values under reserved names are left out. */
export function contentOf(session: object): Record<string, unknown> {
  const content: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(session)) {
    if (!isReservedName(key) && !CONTROL_NAMES.has(key)) content[key] = value
  }
  return content
}
