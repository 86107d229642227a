import type { Schema, SchemaResult } from './standard-schema'
import { validateNow } from './validate-now'

/**
 * What a schema says of a value that no client has sent. `undefined` if the schema is asynchronous, or if its own code fails,
 * which expects what a client sends.
 */
export function ask(schema: Schema, value: unknown): SchemaResult<unknown> | undefined {
  try {
    return validateNow(schema, value)
  } catch {
    return undefined
  }
}
