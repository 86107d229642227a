import { compare, isEqual } from './equality'
import { methodTable } from './methods'
import { TemplateError } from './template-error'
import { repr } from './text'
import { listOf } from './values'

function indexIn(list: readonly unknown[], item: unknown, start = 0, stop = list.length): number {
  const from = start < 0 ? start + list.length : start
  const to = stop < 0 ? stop + list.length : stop
  const index = list.findIndex((each, position) => position >= from && position < to && isEqual(each, item))
  if (index === -1) throw new TemplateError(`${repr(item)} is not in the list`)
  return index
}

function popped(list: unknown[], index = -1): unknown {
  const at = index < 0 ? index + list.length : index
  if (!(at in list))
    throw new TemplateError(list.length === 0 ? 'pop(): the list is empty' : `pop(): there is no item ${index}`)
  return list.splice(at, 1)[0]
}

/** A method that changes its list, and gives None. */
const changing =
  (change: (list: unknown[], ...args: any[]) => unknown) =>
  (list: unknown[], ...args: readonly unknown[]) => {
    change(list, ...args)
    return null
  }

/** Those of a tuple, which cannot be changed. */
export const tupleMethods = methodTable({
  count: (list: readonly unknown[], item: unknown) => list.filter(each => isEqual(each, item)).length,
  index: indexIn,
})

/** Those of a list. */
export const listMethods = methodTable({
  ...tupleMethods,
  append: changing((list, item: unknown) => list.push(item)),
  clear: changing(list => list.splice(0)),
  copy: (list: readonly unknown[]) => [...list],
  // Not by a spread, whose arguments must fit into the stack. A copy, or a list that is added to itself would have no end.
  extend: changing((list, items: unknown) => {
    for (const item of [...listOf(items)]) list.push(item)
  }),
  insert: changing((list, index: number, item: unknown) => list.splice(index, 0, item)),
  pop: popped,
  remove: changing((list, item: unknown) => list.splice(indexIn(list, item), 1)),
  reverse: changing(list => list.reverse()),
  // Python's order: JavaScript's own compares numbers as texts.
  sort: changing((list, { reverse = false } = {}) => list.sort((a, b) => (reverse ? compare(b, a) : compare(a, b)))),
})
