import { isoText, strftime } from './dates'
import { compare, isEqual, isMapLike, keysOf, type MapLike } from './values'

/** Methods of Python by name: each gets the value and its arguments. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each method knows the kind of its value, which its table stands for
export type Methods = Readonly<Record<string, ((value: any, ...args: any[]) => unknown) | undefined>>

/** Without what objects inherit, such as `constructor`. */
export const methodTable = (methods: Methods): Methods => Object.assign(Object.create(null) as object, methods)

/** What a dictionary has under a key; `undefined` if it has none of its own. */
export const entry = (dictionary: object, key: unknown): unknown => {
  if (!hasEntry(dictionary, key)) return undefined
  return isMapLike(dictionary) ? dictionary.get(key) : (dictionary as Record<string, unknown>)[String(key)]
}

/** Whether a dictionary has the key itself, and does not inherit it. */
export const hasEntry = (dictionary: object, key: unknown): boolean =>
  isMapLike(dictionary) ? dictionary.has(key) : Object.hasOwn(dictionary, String(key))

/** Those of a dictionary. */
export const mapMethods = methodTable({
  keys: keysOf,
  values: (value: object) => keysOf(value).map(key => entry(value, key)),
  items: (value: object) => keysOf(value).map(key => [key, entry(value, key)]),
  // A default that is given and undefined stays undefined: it prints nothing, and `null` would print None.
  get: (value: object, key: unknown, ...otherwise: readonly unknown[]) => {
    const found = entry(value, key)
    if (found !== undefined) return found
    return otherwise.length === 0 ? null : otherwise[0]
  },
  getlist: (value: MapLike & { getAll?: (key: unknown) => unknown }, key: unknown) =>
    value.getAll?.(key) ?? (value.has(key) ? [value.get(key)] : []),
})

/** Those of a list. */
export const containerMethods = methodTable({
  append: (list: unknown[], item: unknown) => void list.push(item),
  extend: (list: unknown[], items: readonly unknown[]) => void list.push(...items),
  insert: (list: unknown[], index: number, item: unknown) => void list.splice(index, 0, item),
  pop: (list: unknown[], index?: number) => list.splice(index ?? -1, 1)[0],
  // Python's order: JavaScript's own compares numbers as texts.
  sort: (list: unknown[], { reverse = false } = {}) =>
    void list.sort((a, b) => (reverse ? compare(b, a) : compare(a, b))),
  reverse: (list: unknown[]) => void list.reverse(),
  index: (list: unknown[], item: unknown) => list.findIndex(each => isEqual(each, item)),
  count: (list: unknown[], item: unknown) => list.filter(each => isEqual(each, item)).length,
})

/** Those of a date, which is in UTC. */
export const dateMethods = methodTable({
  strftime,
  isoformat: (date: Date, separator?: string) => isoText(date, separator ?? 'T'),
})
