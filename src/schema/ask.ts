import { isThenable } from '../util/thenable'
import type { Schema, SchemaResult } from './standard-schema'
import { hasOwnCode, isZod, promiseFor } from './zod'

/**
 * What a schema says of a value that no client has sent. `undefined` if the schema is asynchronous, or if its own code fails,
 * which expects what a client sends.
 */
export function ask(schema: Schema, value: unknown): SchemaResult<unknown> | undefined {
  try {
    const promise = isZod(schema) && hasOwnCode(schema) ? promiseFor(schema, value) : undefined
    const result = promise ?? schema['~standard'].validate(value)
    if (!isThenable(result)) return result
    result.then(undefined, () => undefined)
  } catch {
    // Its own code has failed.
  }
  return undefined
}
