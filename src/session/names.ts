/** Names that koa-session keeps for itself: a value under one of them would be lost. */
const RESERVED = new Set([
  ...['__proto__', 'length', 'populated', 'externalKey', 'save', 'regenerate', 'manuallyCommit', 'commit', 'toJSON'],
  ...['isNew', 'modified', 'clear'],
])

/** Names that can be written, but are no values. */
const CONTROLS = new Set(['permanent', 'maxAge'])

const isReserved = (key: string | symbol) => typeof key === 'symbol' || RESERVED.has(key) || key.startsWith('_')

export function refuseReserved(key: string | symbol): void {
  if (!isReserved(key)) return
  throw new TypeError(
    `session key ${String(key)}: this name is kept for the session itself and a value under it would not be saved; ` +
      'choose another (names that begin with "_" are kept too)',
  )
}

/** The user's values in a session. Somebody else may have written it: what would hide the session's own names is left out. */
export function contentOf(session: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(session).filter(([key]) => !isReserved(key) && !CONTROLS.has(key)))
}
