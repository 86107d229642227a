import { callValue, native, type Arguments } from './calls'
import { itemOf } from './attributes'
import { defineFilter, numberOf } from './define-filter'
import { joined } from './operators'
import type { Scope } from './scope'
import { str } from './text'
import { TemplateError } from './template-error'
import { compare, isEqual, isTrue, lengthOf, listOf, textIn } from './values'
import { mapMethods } from './container-methods'

type Attribute = string | number | null | undefined

/** What reads `author.name`, or an item by its number, of a value; the value itself without a name. */
export function getter(attribute: Attribute, otherwise?: unknown): (value: unknown) => unknown {
  if (attribute === undefined || attribute === null) return value => value
  const parts = String(attribute)
    .split('.')
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))
  return value =>
    parts.reduce<unknown>((owner, part) => (owner === undefined ? undefined : itemOf(owner, part, 'the value')), value) ?? otherwise
}

const folded = (value: unknown, isCaseSensitive: boolean): unknown =>
  isCaseSensitive ? value : (textIn(value)?.toLowerCase() ?? value)

/** Compares by one attribute, or by several that commas separate. */
function order(attribute: Attribute, isCaseSensitive: boolean): (a: unknown, b: unknown) => number {
  const keys = typeof attribute === 'string' ? attribute.split(',').map(each => getter(each)) : [getter(attribute)]
  return (a, b) => {
    for (const key of keys) {
      const result = compare(folded(key(a), isCaseSensitive), folded(key(b), isCaseSensitive))
      if (result !== 0) return result
    }
    return 0
  }
}

const SORTING = { case_sensitive: false, attribute: undefined as Attribute }

const extreme = (name: string, sign: number): object =>
  defineFilter(name, SORTING, (value, { attribute, case_sensitive: isCaseSensitive }) => {
    const isBefore = order(attribute, isCaseSensitive)
    const [first, ...others] = listOf(value)
    return others.reduce((best, each) => (sign * isBefore(each, best) < 0 ? each : best), first)
  })

const length = defineFilter('length', {}, lengthOf)

/** `select`, `reject` and the two for an attribute: keeps the items that a test, or their own truth, is for. */
const selecting = (name: string, isKept: boolean, hasAttribute: boolean): object =>
  native(name, ({ positional: [value, ...given], named }, scope) => {
    const read = hasAttribute ? getter(given[0] as Attribute) : getter(undefined)
    const [test, ...positional] = hasAttribute ? given.slice(1) : given
    if (hasAttribute && given.length === 0) throw new TemplateError(`${name}() needs the name of an attribute`)
    const holds = test === undefined ? isTrue : tested(String(test), { positional, named }, scope)
    return listOf(value).filter(item => holds(read(item)) === isKept)
  })

function tested(name: string, { positional, named }: Arguments, scope: Scope): (value: unknown) => boolean {
  const test = scope.rendering.environment.named('test', name)
  return value => isTrue(callValue(test, name, { positional: [value, ...positional], named }, scope))
}

function groups(items: readonly unknown[], attribute: Attribute, otherwise: unknown, isCaseSensitive: boolean): unknown[] {
  const read = getter(attribute, otherwise)
  const sorted = [...items].sort((a, b) => compare(folded(read(a), isCaseSensitive), folded(read(b), isCaseSensitive)))
  const found: (unknown[] & { grouper?: unknown; list?: unknown[] })[] = []
  for (const item of sorted) {
    const key = read(item)
    const last = found.at(-1)
    if (last !== undefined && isEqual(folded(last[0], isCaseSensitive), folded(key, isCaseSensitive))) last.list?.push(item)
    else {
      const list = [item]
      found.push(Object.assign([key, list], { grouper: key, list }))
    }
  }
  return found
}

/** Jinja's filters for lists. */
export const listFilters: Readonly<Record<string, object>> = {
  batch: defineFilter('batch', { linecount: 1, fill_with: undefined as unknown }, (value, { linecount, fill_with: fill }) => {
    const items = listOf(value)
    const count = Math.ceil(items.length / linecount)
    const rows = Array.from({ length: count }, (_, index) => items.slice(index * linecount, (index + 1) * linecount))
    if (fill !== undefined && fill !== null) for (const row of rows) while (row.length < linecount) row.push(fill)
    return rows
  }),

  count: length,

  dictsort: defineFilter(
    'dictsort',
    { case_sensitive: false, by: 'key', reverse: false },
    (value, { case_sensitive: isCaseSensitive, by, reverse }) => {
      const compareBy = order(by === 'value' ? 1 : 0, isCaseSensitive)
      const pairs = (mapMethods['items']?.(value) as unknown[]).sort(compareBy)
      return reverse ? pairs.reverse() : pairs
    },
  ),

  first: defineFilter('first', {}, value => listOf(value)[0]),

  groupby: defineFilter(
    'groupby',
    { attribute: undefined as Attribute, default: undefined as unknown, case_sensitive: false },
    (value, { attribute, default: otherwise, case_sensitive: isCaseSensitive }) =>
      groups(listOf(value), attribute, otherwise, isCaseSensitive),
  ),

  items: defineFilter('items', {}, value => (value === undefined ? [] : mapMethods['items']?.(value))),

  join: defineFilter('join', { d: '' as unknown, attribute: undefined as Attribute }, (value, { d, attribute }, { escapes }) => {
    const items = listOf(value).map(getter(attribute))
    return escapes ? joined(items, d) : items.map(str).join(str(d))
  }),

  last: defineFilter('last', {}, value => listOf(value).at(-1)),
  length,
  list: defineFilter('list', {}, value => [...listOf(value)]),

  map: native('map', ({ positional: [value, name, ...positional], named = {} }, scope) => {
    if (name === undefined) {
      const { attribute, default: otherwise } = named
      if (attribute === undefined) throw new TemplateError('map() needs the name of a filter, or attribute=')
      return listOf(value).map(getter(attribute as Attribute, otherwise))
    }
    const filter = scope.rendering.environment.named('filter', String(name))
    return listOf(value).map(item => callValue(filter, String(name), { positional: [item, ...positional], named }, scope))
  }),

  max: extreme('max', -1),
  min: extreme('min', 1),
  random: defineFilter('random', {}, value => {
    const items = listOf(value)
    return items[Math.floor(Math.random() * items.length)]
  }),
  reject: selecting('reject', false, false),
  rejectattr: selecting('rejectattr', false, true),

  reverse: defineFilter('reverse', {}, value => {
    const reversed = [...listOf(value)].reverse()
    return textIn(value) === undefined ? reversed : reversed.join('')
  }),

  select: selecting('select', true, false),
  selectattr: selecting('selectattr', true, true),

  slice: defineFilter('slice', { slices: 1, fill_with: undefined as unknown }, (value, { slices, fill_with: fill }) => {
    const items = listOf(value)
    const [size, more] = [Math.floor(items.length / slices), items.length % slices]
    return Array.from({ length: slices }, (_, index) => {
      const start = index * size + Math.min(index, more)
      const part = items.slice(start, start + size + (index < more ? 1 : 0))
      return fill !== undefined && fill !== null && index >= more ? [...part, fill] : part
    })
  }),

  sort: defineFilter('sort', { reverse: false, ...SORTING }, (value, { reverse, attribute, case_sensitive: isCaseSensitive }) => {
    const compareBy = order(attribute, isCaseSensitive)
    // Not reversed afterwards: equal items keep their order.
    return [...listOf(value)].sort((a, b) => (reverse ? compareBy(b, a) : compareBy(a, b)))
  }),

  sum: defineFilter('sum', { attribute: undefined as Attribute, start: 0 }, (value, { attribute, start }) =>
    listOf(value)
      .map(getter(attribute))
      .reduce<number>((sum, each) => sum + numberOf(each), start),
  ),

  unique: defineFilter('unique', SORTING, (value, { attribute, case_sensitive: isCaseSensitive }) => {
    const read = getter(attribute)
    const key = (item: unknown) => folded(read(item), isCaseSensitive)
    return listOf(value).filter((item, index, items) => items.findIndex(each => isEqual(key(each), key(item))) === index)
  }),
}
