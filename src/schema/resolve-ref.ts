import type { JsonSchema } from './standard-schema'

/** `'#/$defs/Page'` → that part of the root schema; `undefined` if there is none. */
export const resolveRef = (ref: string, root: JsonSchema): unknown =>
  keysOf(ref).reduce<unknown>((at, key) => (at as JsonSchema | undefined)?.[key], root)

/** `'#/$defs/a~1b'` → `['$defs', 'a/b']` */
export const keysOf = (ref: string): string[] =>
  ref
    .split('/')
    .slice(1)
    .map(key => decoded(key).replaceAll('~1', '/').replaceAll('~0', '~'))

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key // zod writes the name as it is
  }
}
