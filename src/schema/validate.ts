import { isThenable } from '../util/thenable'
import type { Schema, SchemaResult } from './standard-schema'

/** What zod has besides Standard Schema. */
interface ZodSchema {
  safeParseAsync(
    value: unknown,
  ): Promise<{ success: true; data: unknown } | { success: false; error: { issues: readonly never[] } }>
}

/** The schemas of zod that were found to be asynchronous. */
const asynchronous = new WeakSet<Schema>()

/**
 * Checks a value. A schema of zod tries to do without promises first, and begins again if it can't: its asynchronous checks
 * run twice, for instance their queries to a database. From the second value on it is called as what it is.
 */
export function validate(schema: Schema, value: unknown): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  if (asynchronous.has(schema)) {
    return (schema as unknown as ZodSchema)
      .safeParseAsync(value)
      .then(result => (result.success ? { value: result.data } : { issues: result.error.issues }))
  }
  const { vendor, validate: check } = schema['~standard']
  const result = check(value)
  if (vendor === 'zod' && isThenable(result) && 'safeParseAsync' in schema) asynchronous.add(schema)
  return result
}
