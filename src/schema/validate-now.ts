import { isThenable } from '../util/thenable'
import type { Schema, SchemaResult } from './standard-schema'
import { hasOwnCode, isZod, promiseFor } from './zod'

/** Checks a value at once; `undefined` if the schema is asynchronous. Throws what the schema's own code throws. */
export function validateNow(schema: Schema, value: unknown): SchemaResult<unknown> | undefined {
  const promise = isZod(schema) && hasOwnCode(schema) ? promiseFor(schema, value) : undefined
  const result = promise ?? schema['~standard'].validate(value)
  if (!isThenable(result)) return result
  result.then(undefined, () => undefined)
  return undefined
}
