import { itemOf } from './attributes'
import { compare } from './equality'
import { textIn } from './values'

/** The name of an attribute, `author.name`, or the number of an item. */
export type Attribute = string | number | null | undefined

/** What reads `author.name`, or an item by its number, of a value; the value itself without a name. */
export function getter(attribute: Attribute, otherwise?: unknown): (value: unknown) => unknown {
  if (attribute === undefined || attribute === null) return value => value
  const parts = String(attribute)
    .split('.')
    .map(part => (/^\d+$/.test(part) ? Number(part) : part))
  return value => {
    const read = (owner: unknown, part: string | number) =>
      owner === undefined ? undefined : itemOf(owner, part, 'the value')
    const found = parts.reduce<unknown>(read, value)
    return found === undefined ? otherwise : found
  }
}

/** Texts as they are compared. */
export const folded = (value: unknown, isCaseSensitive: boolean): unknown =>
  isCaseSensitive ? value : (textIn(value)?.toLowerCase() ?? value)

/** Compares by one attribute, or by several that commas separate. */
export function order(attribute: Attribute, isCaseSensitive: boolean): (a: unknown, b: unknown) => number {
  const keys = typeof attribute === 'string' ? attribute.split(',').map(each => getter(each)) : [getter(attribute)]
  return (a, b) => {
    for (const key of keys) {
      const result = compare(folded(key(a), isCaseSensitive), folded(key(b), isCaseSensitive))
      if (result !== 0) return result
    }
    return 0
  }
}

/** The arguments of filters that compare. */
export const SORTING = { case_sensitive: false, attribute: undefined as Attribute }
