import { types } from 'node:util'

/** A thrown value as an error: one that is none is wrapped, and kept as the `cause` (docs/rules.md 5.12). */
export function toError(thrown: unknown): Error {
  if (isReadableError(thrown)) return thrown
  return new Error(`a value that is not an Error was thrown: ${describe(thrown)}`, { cause: thrown })
}

/** Whoever handles an error looks at it: one that throws then is none. A revoked proxy throws even here. */
function isReadableError(value: unknown): value is Error {
  try {
    if (!(types.isNativeError(value) || value instanceof Error)) return false
    for (const property of ['name', 'message']) Reflect.get(value, property)
    return true
  } catch {
    return false
  }
}

/** A value for an error message, short and never throwing. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`
  if (typeof value !== 'object' || value === null) return String(value)
  try {
    const { name } = value.constructor
    return name === '' ? 'an object' : `an object of class ${name}`
  } catch {
    return 'an object' // without a constructor, or one that can't be looked at
  }
}
