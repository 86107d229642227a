import { describe } from '../errors/describe'
import { isRecord } from '../util/is-record'
import { isThenable } from '../util/thenable'
import { isMapLike, isPlain, keysOf } from './dictionaries'
import { isEqual } from './equality'
import { Markup } from './markup'
import { TemplateError } from './template-error'

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
  if (isMapLike(value) && !(value instanceof Map)) return keysOf(value).length
  return typeof size === 'number' ? size : undefined
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
  if (isMapLike(value)) return keysOf(value)
  if (isIterable(value)) return [...value]
  if (isPlain(value)) return Object.keys(value)
  if (isThenable(value)) throw promised(value, `${describe(value)} cannot be iterated over`)
  throw new TemplateError(`${describe(value)} cannot be iterated over`)
}

export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function'
}

/** The operator `in`. */
export function contains(container: unknown, item: unknown): boolean {
  const text = textIn(container)
  if (text !== undefined) {
    const part = textIn(item)
    if (part === undefined) throw new TemplateError(`only a text can be in a text, not ${describe(item)}`)
    return text.includes(part)
  }
  if (isMapLike(container)) return container.has(item)
  if (container instanceof Set) return container.has(item)
  if (isPlain(container)) return Object.hasOwn(container, String(item))
  if (isRecord(container) && !isIterable(container)) return String(item) in container
  return listOf(container).some(each => isEqual(each, item))
}

/** Whether an object has a property of this name, whatever its value. */
export const hasKey = (value: unknown, key: unknown): boolean =>
  isMapLike(value) ? value.has(key) : typeof value === 'object' && value !== null && String(key) in value
