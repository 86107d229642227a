import { types } from 'node:util'

/** Returns a thrown error, or wraps a thrown value that is not an Error in one, as its `cause` [5.12]. */
export function toError(thrown: unknown): Error {
  if (isReadableError(thrown)) return thrown
  return new Error(`a value that is not an Error was thrown: ${describe(thrown)}`, { cause: thrown })
}

/**
 * Whether a value is an error whose name and message can be read. Handlers read both, and must not fail because a
 * getter throws. For a revoked proxy, `instanceof` throws as well.
 */
function isReadableError(value: unknown): value is Error {
  try {
    if (!(types.isNativeError(value) || value instanceof Error)) return false
    for (const property of ['name', 'message']) Reflect.get(value, property)
    return true
  } catch {
    return false
  }
}

/** Describes a value for an error message in a few words. Never throws. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    const { name } = value.constructor
    return name === '' ? 'an object' : `an object of class ${name}`
  } catch {
    return 'an object' // without a constructor, or with one that can't be read
  }
}
