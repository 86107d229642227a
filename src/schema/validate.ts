import { isRecord } from '../util/is-record'
import type { Schema, SchemaResult } from './standard-schema'

/** What zod has besides Standard Schema: `_zod` is there for libraries. */
interface ZodSchema {
  readonly _zod?: { readonly def: object }
  safeParseAsync(
    value: unknown,
  ): Promise<{ success: true; data: unknown } | { success: false; error: { issues: readonly never[] } }>
}

/** Whether a schema of zod may be asynchronous, for each that has checked a value. */
const known = new WeakMap<Schema, boolean>()

/**
 * Checks a value. The `validate` of zod's schemas tries to do without promises first, and begins again if that does not work:
 * asynchronous checks run twice, and the first time nothing waits for them, so that one that fails ends the process. A schema
 * that has functions of the user's is therefore called by the method for asynchronous schemas.
 */
export function validate(schema: Schema, value: unknown): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  if (schema['~standard'].vendor !== 'zod' || !mayWait(schema)) return schema['~standard'].validate(value)
  return (schema as unknown as ZodSchema)
    .safeParseAsync(value)
    .then(result => (result.success ? { value: result.data } : { issues: result.error.issues }))
}

function mayWait(schema: Schema): boolean {
  let answer = known.get(schema)
  if (answer === undefined) {
    answer = 'safeParseAsync' in schema && hasUserFunction(schema, new Set())
    known.set(schema, answer)
  }
  return answer
}

/**
 * Whether a function that may return a promise is somewhere in the definition of a schema, a check or a part of one. Not in a
 * default value, which to read may call a function.
 */
function hasUserFunction(part: unknown, seen: Set<unknown>): boolean {
  if ((typeof part !== 'object' && typeof part !== 'function') || part === null || seen.has(part)) return false
  seen.add(part)
  const { _zod: zod } = part as Partial<ZodSchema>
  if (zod !== undefined) return hasUserFunction(zod.def, seen)
  if (Array.isArray(part)) return part.some(each => hasUserFunction(each, seen))
  if (!isRecord(part)) return false
  const { check, type, fn, transform, getter } = part
  if (check === 'custom' || type === 'promise' || typeof fn === 'function' || typeof transform === 'function')
    return true
  if (typeof getter === 'function') return hasUserFunction((getter as () => unknown)(), seen)
  return Object.keys(part).some(name => name !== 'defaultValue' && hasUserFunction(part[name], seen))
}
