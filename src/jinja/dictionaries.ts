import { isRecord } from '../util/is-record'

/** Maps, `URLSearchParams`, `Headers` and the values of a query or a form: what Python has as a dictionary. */
export interface MapLike {
  get(key: unknown): unknown
  has(key: unknown): boolean
  keys(): Iterable<unknown>
}

export function isMapLike(value: unknown): value is MapLike {
  if (!isRecord(value)) return false
  return ['get', 'has', 'keys'].every(name => typeof value[name] === 'function')
}

/** An object literal, of any realm, or one without a prototype: no instance of a class. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value)) return false
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

export const isDictionary = (value: unknown): value is object => isPlain(value) || isMapLike(value)

/** The keys of a dictionary, each once: `URLSearchParams` gives a name as often as it has values. */
export const keysOf = (value: object): unknown[] => (isMapLike(value) ? [...new Set(value.keys())] : Object.keys(value))

/** Whether a dictionary has the key itself, and does not inherit it. */
export const hasEntry = (dictionary: object, key: unknown): boolean =>
  isMapLike(dictionary) ? dictionary.has(key) : Object.hasOwn(dictionary, String(key))

/** What a dictionary has under a key; `undefined` if it has none of its own. */
export function entry(dictionary: object, key: unknown): unknown {
  if (!hasEntry(dictionary, key)) return undefined
  return isMapLike(dictionary) ? dictionary.get(key) : (dictionary as Record<string, unknown>)[String(key)]
}

/** The keys with their values. */
export const entriesOf = (dictionary: object): [unknown, unknown][] =>
  keysOf(dictionary).map(key => [key, entry(dictionary, key)])

/** A dictionary of any kind as an object: of a query or a form the first value of each name. `undefined` for other values. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isMapLike(value)) return Object.fromEntries(entriesOf(value).map(([key, each]) => [String(key), each]))
  return isRecord(value) ? value : undefined
}

/** Sets a property of an object. Not by an assignment, which changes the prototype for the name `__proto__`. */
export function setProperty(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
}
