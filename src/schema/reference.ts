import type { JsonSchema } from './standard-schema'

/** `'#/$defs/Page'` → that part of the root schema */
export function target(ref: string, root: JsonSchema): unknown {
  const keys = ref.split('/').slice(1)
  return keys.reduce<unknown>((at, key) => {
    const name = decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')
    return (at as JsonSchema | undefined)?.[name]
  }, root)
}
