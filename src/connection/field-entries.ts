/** A field's name and its value, or several values. */
export type Field = [name: string, value: string | string[]]

/**
 * The fields of an object, or of pairs as fetch's `Headers` and a `Map` give them, as texts: a number would be no field, and
 * those of `Headers` would be lost. Fields without a value are left out, and so is what is not an object.
 */
export function fieldEntries(headers: unknown): Field[] {
  if (typeof headers !== 'object' || headers === null) return []
  const given: Iterable<unknown> = Symbol.iterator in headers ? (headers as Iterable<unknown>) : Object.entries(headers)
  return [...given]
    .filter(isPair)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => [String(name), Array.isArray(value) ? value.map(String) : String(value)])
}

const isPair = (each: unknown): each is [unknown, unknown] => Array.isArray(each)
