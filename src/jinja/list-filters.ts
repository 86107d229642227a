import { defineFilter, NOTHING } from './define-filter'
import { entriesIn } from './dict-methods'
import { joined, OPERATORS } from './operators'
import { tuple } from './tuple'
import { getter, type Attribute } from './sorting'
import { Markup } from './markup'
import { str } from './text'
import { lengthOf, listOf, textIn } from './values'

const length = defineFilter('length', {}, lengthOf)

/** Jinja's filters for lists. */
export const listFilters: Readonly<Record<string, object>> = {
  batch: defineFilter('batch', { linecount: 1, fill_with: NOTHING }, (value, { linecount, fill_with: fill }) => {
    const items = listOf(value)
    const count = Math.ceil(items.length / linecount)
    const rows = Array.from({ length: count }, (_, index) => items.slice(index * linecount, (index + 1) * linecount))
    if (fill !== null) for (const row of rows) while (row.length < linecount) row.push(fill)
    return rows
  }),

  count: length,

  first: defineFilter('first', {}, value => listOf(value)[0]),

  items: defineFilter('items', {}, value => (value === undefined ? [] : entriesIn(value, 'items()').map(tuple))),

  join: defineFilter('join', { d: '', attribute: undefined as Attribute }, (value, { d, attribute }, { escapes }) => {
    const items = listOf(value).map(getter(attribute))
    return escapes ? joined(items, d) : items.map(str).join(str(d))
  }),

  last: defineFilter('last', {}, value =>
    value instanceof Markup ? new Markup(listOf(value).slice(-1).join('')) : listOf(value).at(-1),
  ),

  length,

  list: defineFilter('list', {}, value => [...listOf(value)]),

  random: defineFilter('random', {}, value => {
    const items = listOf(value)
    return items[Math.floor(Math.random() * items.length)]
  }),

  reverse: defineFilter('reverse', {}, value => {
    const reversed = [...listOf(value)].reverse()
    if (value instanceof Markup) return new Markup(reversed.join(''))
    return textIn(value) === undefined ? reversed : reversed.join('')
  }),

  slice: defineFilter('slice', { slices: 1, fill_with: NOTHING }, (value, { slices, fill_with: fill }) => {
    const items = listOf(value)
    const [size, more] = [Math.floor(items.length / slices), items.length % slices]
    return Array.from({ length: slices }, (_, index) => {
      const start = index * size + Math.min(index, more)
      const part = items.slice(start, start + size + (index < more ? 1 : 0))
      return fill !== null && index >= more ? [...part, fill] : part
    })
  }),

  sum: defineFilter('sum', { attribute: undefined as Attribute, start: 0 }, (value, { attribute, start }) =>
    listOf(value)
      .map(getter(attribute))
      .reduce((sum, each) => OPERATORS['+']?.(sum, each, '+'), start),
  ),
}
