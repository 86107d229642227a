import { isThenable } from '../util/thenable'
import type { Schema, SchemaResult } from './standard-schema'

/** What zod has besides Standard Schema. */
interface ZodSchema extends Schema {
  safeParseAsync(
    value: unknown,
  ): Promise<{ success: true; data: unknown } | { success: false; error: { issues: readonly never[] } }>
  readonly _zod: { run(payload: { value: unknown; issues: unknown[] }, context: { async: true }): unknown }
}

/** What zod says of its schemas and checks to other libraries. */
interface Definition {
  readonly type?: unknown
  readonly check?: unknown
  readonly fn?: unknown
  readonly transform?: unknown
  readonly getter?: () => unknown
}

export const isZod = (schema: Schema): schema is ZodSchema =>
  schema['~standard'].vendor === 'zod' && 'safeParseAsync' in schema

/** Checks a value of which zod waits for each part. */
export const checkAsync = async (schema: ZodSchema, value: unknown): Promise<SchemaResult<unknown>> => {
  const result = await schema.safeParseAsync(value)
  return result.success ? { value: result.data } : { issues: result.error.issues }
}

/**
 * The promise that zod needs for a value; `undefined` if it needs none. Without `async` zod would throw as soon as a check is
 * asynchronous, and lose its promise: a rejection would end the process.
 */
export function promiseFor(schema: ZodSchema, value: unknown): PromiseLike<unknown> | undefined {
  const result = schema._zod.run({ value, issues: [] }, { async: true })
  return isThenable(result) ? result : undefined
}

/** Whether a schema of zod has code of its author in it, such as a refinement or a transform, which may be asynchronous. */
export function hasOwnCode(part: unknown, seen = new Set<unknown>()): boolean {
  if (typeof part !== 'object' || part === null || seen.has(part)) return false
  seen.add(part)
  const { _zod: { def } = {} } = part as { _zod?: { def?: Definition } }
  if (def === undefined) return partsOf(part).some(each => hasOwnCode(each, seen))
  if (def.type === 'lazy') return hasOwnCode(def.getter?.(), seen)
  return isOwnCode(def) || partsOf(def).some(each => hasOwnCode(each, seen))
}

const isOwnCode = ({ type, check, fn, transform }: Definition): boolean =>
  ['transform', 'promise'].includes(type as string) ||
  check === 'custom' ||
  typeof fn === 'function' ||
  typeof transform === 'function'

/** Without a default, which may be made by a function that is to be called for a value only. */
const partsOf = (part: object): unknown[] =>
  Array.isArray(part)
    ? (part as unknown[])
    : Object.keys(part)
        .filter(name => name !== 'defaultValue')
        .map(name => (part as Record<string, unknown>)[name])
