import type { Side } from '../schema/json-schema'
import type { JsonSchema } from '../schema/standard-schema'
import type { Json } from './json'

/** What only a JSON Schema has that is a document of its own. */
const OUTER = ['$schema', '$id', '$defs', 'definitions', '~standard']

/** The keywords of one schema as the document has them. */
export function tidy(schema: JsonSchema, side: Side): Json {
  const tidied = Object.fromEntries(
    Object.entries(schema).filter(([keyword, value]) => !OUTER.includes(keyword) && value !== undefined),
  )
  // zod's bounds of integers are those of JavaScript's numbers and say nothing of the interface.
  if (tidied.minimum === Number.MIN_SAFE_INTEGER) delete tidied.minimum
  if (tidied.maximum === Number.MAX_SAFE_INTEGER) delete tidied.maximum
  // A file, whose format OpenAPI's tools know; `binary` is no encoding of a text.
  if (tidied.contentEncoding === 'binary') delete tidied.contentEncoding
  // What responses have today is no promise that they never have more: a generated client would refuse that.
  if (side === 'output' && tidied.additionalProperties === false) delete tidied.additionalProperties
  return tidied
}
