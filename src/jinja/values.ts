import { describe } from '../errors/describe'
import { isRecord } from '../util/is-record'
import { isThenable } from '../util/thenable'
import { Markup } from './markup'
import { TemplateError } from './template-error'

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
  if (!isRecord(value) || Array.isArray(value)) return false
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The keys of a dictionary. */
export const keysOf = (value: object): unknown[] => (isMapLike(value) ? [...value.keys()] : Object.keys(value))

/** A dictionary of any kind as an object: of a query or a form the first value of each name. `undefined` for other values. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isMapLike(value)) return Object.fromEntries([...value.keys()].map(key => [String(key), value.get(key)]))
  return isRecord(value) ? value : undefined
}

/** A text, safe or not; `undefined` for other values. */
export function textIn(value: unknown): string | undefined {
  if (value instanceof Markup) return value.html
  return typeof value === 'string' ? value : undefined
}

/** The error for a promise, whose own error must not end the process. @param what what the template did with it */
export function promised(value: PromiseLike<unknown>, what: string): TemplateError {
  value.then(undefined, () => undefined)
  return new TemplateError(`${what}. A template cannot wait: await the value in the view, and pass the result.`)
}

/** Whether a condition holds: as in Python, not for an empty list or dictionary. */
export function isTrue(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Boolean(value)
  if (value instanceof Markup) return value.html !== ''
  if (isThenable(value)) throw promised(value, 'a promise was used as a condition')
  const size = sizeOf(value)
  return size === undefined || size > 0
}

function sizeOf(value: object): number | undefined {
  const { length, size } = value as { length?: unknown; size?: unknown }
  if (isPlain(value)) return Object.keys(value).length
  if (typeof length === 'number') return length
  return typeof size === 'number' ? size : isMapLike(value) ? keysOf(value).length : undefined
}

/** How many items, characters or keys a value has. @throws TemplateError for a value without a length */
export function lengthOf(value: unknown): number {
  if (value === undefined) return 0
  const text = textIn(value)
  if (text !== undefined) return [...text].length
  const size = typeof value === 'object' && value !== null ? sizeOf(value) : undefined
  if (size === undefined) throw new TemplateError(`${describe(value)} has no length`)
  return size
}

/** The items of a list, the characters of a text, the keys of a dictionary. @throws TemplateError for any other value */
export function listOf(value: unknown): unknown[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value
  const text = textIn(value)
  if (text !== undefined) return [...text]
  if (isMapLike(value)) return [...value.keys()]
  if (isIterable(value)) return [...value]
  if (isPlain(value)) return Object.keys(value)
  if (isThenable(value)) throw promised(value, `${describe(value)} cannot be iterated over`)
  throw new TemplateError(`${describe(value)} cannot be iterated over`)
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function'
}

/** Whether two values are equal as in Python: lists and dictionaries by what is in them. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  const [first, second] = [comparable(a), comparable(b)]

  if (typeof first !== 'object' && typeof second !== 'object')
    return isNumeric(first) && isNumeric(second) ? first == second : first === second
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, index) => isEqual(each, b[index]))
  if (!isPlain(a) || !isPlain(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && isEqual(a[key], b[key]))
}

export const isNumeric = (value: unknown): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

/** Less than 0, 0 or more than 0. @throws TemplateError for values of different kinds */
export function compare(a: unknown, b: unknown): number {
  const [first, second] = [comparable(a), comparable(b)]
  if ((isNumeric(first) && isNumeric(second)) || (typeof first === 'string' && typeof second === 'string'))
    return first < second ? -1 : first > second ? 1 : 0
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b)
  throw new TemplateError(`${describe(a)} and ${describe(b)} cannot be compared`)
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  const index = a.findIndex((each, position) => position >= b.length || !isEqual(each, b[position]))
  if (index === -1) return a.length - b.length
  return index >= b.length ? 1 : compare(a[index], b[index])
}

/** A value that JavaScript compares as Python does. */
function comparable(value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  if (value instanceof Markup) return value.html
  return typeof value === 'boolean' ? Number(value) : value
}

/** The operator `in`. */
export function contains(container: unknown, item: unknown): boolean {
  const text = textIn(container)
  if (text !== undefined) return text.includes(String(item))
  if (isMapLike(container)) return container.has(item)
  if (container instanceof Set) return container.has(item)
  if (isPlain(container)) return Object.hasOwn(container, String(item))
  if (isRecord(container) && !isIterable(container)) return String(item) in container
  return listOf(container).some(each => isEqual(each, item))
}

/** Whether an object has a property of this name, whatever its value. */
export const hasKey = (value: unknown, key: unknown): boolean =>
  isMapLike(value) ? value.has(key) : typeof value === 'object' && value !== null && String(key) in value
