import type { Schema, SchemaResult } from './standard-schema'
import { checkAsync, hasOwnCode, isZod } from './zod'

/** Whether zod must wait for a schema. */
const waiting = new WeakMap<Schema, boolean>()

/**
 * Checks a value. zod's own function for it tries to do without promises first, and begins again if it can't: asynchronous
 * checks would run twice, for instance their queries to a database, and the first time nothing would catch their errors,
 * which end the process. So a schema of zod with code of its author is never tried.
 */
export function validate(schema: Schema, value: unknown): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  if (!isZod(schema)) return schema['~standard'].validate(value)
  let mustWait = waiting.get(schema)
  if (mustWait === undefined) waiting.set(schema, (mustWait = hasOwnCode(schema)))
  return mustWait ? checkAsync(schema, value) : schema['~standard'].validate(value)
}
