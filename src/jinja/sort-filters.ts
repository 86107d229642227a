import { entriesIn } from './dict-methods'
import { isPlain } from './dictionaries'
import { defineFilter, NOTHING } from './define-filter'
import { folded, getter, order, SORTING, type Attribute } from './sorting'
import { comparable, compare, isEqual } from './equality'
import { TemplateError } from './template-error'
import { repr } from './text'
import { tuple, type Tuple } from './tuple'
import { listOf } from './values'

/** The same for values that are equal: a set looks for it at once, where comparing each with all others would take long. */
function sameKey(value: unknown): unknown {
  const key = comparable(value)
  if (typeof key === 'string') return `text ${key}`
  if (typeof key === 'bigint') return Number.isSafeInteger(Number(key)) ? Number(key) : key
  return Array.isArray(key) || isPlain(key) ? `parts ${repr(key)}` : key
}

const extreme = (name: string, sign: number): object =>
  defineFilter(name, SORTING, (value, { attribute, case_sensitive: isCaseSensitive }) => {
    const compareBy = order(attribute, isCaseSensitive)
    const [first, ...others] = listOf(value)
    return others.reduce((best, each) => (sign * compareBy(each, best) < 0 ? each : best), first)
  })

function groups(
  items: readonly unknown[],
  attribute: Attribute,
  otherwise: unknown,
  isCaseSensitive: boolean,
): unknown[] {
  const read = getter(attribute, otherwise)
  const sorted = [...items].sort((a, b) => compare(folded(read(a), isCaseSensitive), folded(read(b), isCaseSensitive)))
  const found: (Tuple & { grouper?: unknown; list?: unknown[] })[] = []
  for (const item of sorted) {
    const key = read(item)
    const last = found.at(-1)
    if (last !== undefined && isEqual(folded(last[0], isCaseSensitive), folded(key, isCaseSensitive)))
      last.list?.push(item)
    else {
      const list = [item]
      found.push(Object.assign(tuple([key, list]), { grouper: key, list }))
    }
  }
  return found
}

/** Jinja's filters that compare the items of a list. */
export const sortFilters: Readonly<Record<string, object>> = {
  dictsort: defineFilter(
    'dictsort',
    { case_sensitive: false, by: 'key', reverse: false },
    (value, { case_sensitive: isCaseSensitive, by, reverse }) => {
      if (by !== 'key' && by !== 'value') throw new TemplateError("dictsort(): by must be 'key' or 'value'")
      const compareBy = order(by === 'value' ? 1 : 0, isCaseSensitive)
      const pairs = entriesIn(value, 'dictsort()').map(tuple).sort(compareBy)
      return reverse ? pairs.reverse() : pairs
    },
  ),

  groupby: defineFilter(
    'groupby',
    { attribute: undefined as Attribute, default: NOTHING, case_sensitive: false },
    (value, { attribute, default: otherwise, case_sensitive: isCaseSensitive }) =>
      groups(listOf(value), attribute, otherwise, isCaseSensitive),
  ),

  max: extreme('max', -1),

  min: extreme('min', 1),

  sort: defineFilter(
    'sort',
    { reverse: false, ...SORTING },
    (value, { reverse, attribute, case_sensitive: isCaseSensitive }) => {
      const compareBy = order(attribute, isCaseSensitive)
      // Not reversed afterwards: equal items keep their order.
      return [...listOf(value)].sort((a, b) => (reverse ? compareBy(b, a) : compareBy(a, b)))
    },
  ),

  unique: defineFilter('unique', SORTING, (value, { attribute, case_sensitive: isCaseSensitive }) => {
    const read = getter(attribute)
    const seen = new Set<unknown>()
    return listOf(value).filter(item => {
      const key = sameKey(folded(read(item), isCaseSensitive))
      if (seen.has(key)) return false
      seen.add(key)
      return true
    })
  }),
}
