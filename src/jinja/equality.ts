import { describe } from '../errors/describe'
import { entry, hasEntry, isDictionary, keysOf } from './dictionaries'
import { Markup } from './markup'
import { TemplateError } from './template-error'

/** Whether two values are equal as in Python: lists and dictionaries by what is in them. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  const [first, second] = [comparable(a), comparable(b)]

  if (typeof first !== 'object' && typeof second !== 'object')
    return isNumeric(first) && isNumeric(second) ? first == second : first === second
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, index) => isEqual(each, b[index]))
  if (!isDictionary(a) || !isDictionary(b)) return false
  const keys = keysOf(a)
  return (
    keys.length === keysOf(b).length && keys.every(key => hasEntry(b, key) && isEqual(entry(a, key), entry(b, key)))
  )
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
export function comparable(value: unknown): unknown {
  if (value instanceof Date) return value.getTime()
  if (value instanceof Markup) return value.html
  return typeof value === 'boolean' ? Number(value) : value
}
