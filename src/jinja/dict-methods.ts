import { describe } from '../errors/describe'
import { isRecord } from '../util/is-record'
import { entriesOf, entry, hasEntry, isDictionary, isMapLike, keysOf, setProperty, type MapLike } from './dictionaries'
import { methodTable, withNames } from './methods'
import { TemplateError } from './template-error'
import { repr } from './text'
import { tuple, type Tuple } from './tuple'
import { listOf } from './values'

type Writable = MapLike & { set?: (key: unknown, value: unknown) => unknown; delete?: (key: unknown) => unknown }

function setEntry(dictionary: object, key: unknown, value: unknown): void {
  if (!isMapLike(dictionary)) setProperty(dictionary, String(key), value)
  else if ((dictionary as Writable).set === undefined) throw unchangeable(dictionary)
  else (dictionary as Required<Writable>).set(key, value)
}

function deleteEntry(dictionary: object, key: unknown): void {
  if (!isMapLike(dictionary)) Reflect.deleteProperty(dictionary, String(key))
  else if ((dictionary as Writable).delete === undefined) throw unchangeable(dictionary)
  else (dictionary as Required<Writable>).delete(key)
}

const unchangeable = (dictionary: object) => new TemplateError(`${describe(dictionary)} cannot be changed`)

/** The keys with their values. @throws TemplateError for what has none */
export function entriesIn(value: unknown, what: string): [unknown, unknown][] {
  if (isRecord(value)) return entriesOf(value)
  throw new TemplateError(`${what} takes a dictionary, not ${describe(value)}`)
}

/** The pairs of what makes a dictionary: another one, or pairs. */
const pairsOf = (values: unknown): unknown[][] =>
  isDictionary(values) ? entriesOf(values) : listOf(values).map(pair => listOf(pair))

function setAll<T extends object>(dictionary: T, pairs: readonly unknown[][]): T {
  for (const [key, value] of pairs) setEntry(dictionary, key, value)
  return dictionary
}

/** A dictionary of pairs: an object, unless a key is no text. */
export const dictionaryOf = (pairs: readonly unknown[][]): object =>
  pairs.every(([key]) => typeof key === 'string') ? setAll({}, pairs) : setAll(new Map(), pairs)

function pop(dictionary: object, key: unknown, ...otherwise: readonly unknown[]): unknown {
  if (!hasEntry(dictionary, key)) {
    if (otherwise.length > 0) return otherwise[0]
    throw new TemplateError(`pop(): there is no key ${repr(key)}`)
  }
  const value = entry(dictionary, key)
  deleteEntry(dictionary, key)
  return value
}

function popItem(dictionary: object): Tuple {
  const keys = keysOf(dictionary)
  if (keys.length === 0) throw new TemplateError('popitem(): the dictionary is empty')
  const key = keys.at(-1)
  return tuple([key, pop(dictionary, key)])
}

function setDefault(dictionary: object, key: unknown, value: unknown = null): unknown {
  if (!hasEntry(dictionary, key)) setEntry(dictionary, key, value)
  return entry(dictionary, key)
}

/** All values of a key. */
const valuesOf = (value: MultiMap, key: unknown): unknown[] =>
  value.getAll?.(key) ?? (value.has(key) ? [value.get(key)] : [])

type MultiMap = MapLike & { getAll?: (key: unknown) => unknown[] }

/** Those of an object that is an instance of a class, as the session and `g` are: what Flask's `g` has. */
export const instanceMethods = methodTable({
  keys: keysOf,
  values: (value: object) => entriesOf(value).map(([, each]) => each),
  items: (value: object) => entriesOf(value).map(tuple),
  // A default that is given and undefined stays undefined: it prints nothing, and `null` would print None.
  get: (value: object, key: unknown, ...otherwise: readonly unknown[]) => {
    const found = entry(value, key)
    if (found !== undefined) return found
    return otherwise.length === 0 ? null : otherwise[0]
  },
  pop,
  setdefault: setDefault,
})

/** Those of a dictionary. */
export const mapMethods = methodTable({
  ...instanceMethods,
  clear: (value: object) => {
    for (const key of keysOf(value)) deleteEntry(value, key)
    return null
  },
  copy: (value: object) => setAll(isMapLike(value) ? new Map() : {}, entriesOf(value)),
  fromkeys: (_: object, keys: unknown, value: unknown = null) => dictionaryOf(listOf(keys).map(key => [key, value])),
  popitem: popItem,
  // Values by name are a dictionary behind the others.
  update: (value: object, ...others: readonly unknown[]) => {
    for (const other of others) setAll(value, pairsOf(other))
    return null
  },
})

/** Those of a query, a form or headers: a key may have several values. */
export const multiMethods = methodTable({
  ...mapMethods,
  getlist: valuesOf,
  items: (value: MultiMap, { multi = false } = {}) =>
    keysOf(value).flatMap(key => (multi ? valuesOf(value, key) : [entry(value, key)]).map(each => tuple([key, each]))),
  lists: (value: MultiMap) => keysOf(value).map(key => tuple([key, valuesOf(value, key)])),
  to_dict: withNames(['flat'], (value: MultiMap, flat = true) =>
    dictionaryOf(keysOf(value).map(key => [key, flat === true ? entry(value, key) : valuesOf(value, key)])),
  ),
})
