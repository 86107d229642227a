import { bind, callValue, native, type Arguments } from './calls'
import type { Scope } from './scope'
import { getter, type Attribute } from './sorting'
import { TemplateError } from './template-error'
import { str } from './text'
import { isTrue, listOf } from './values'

/** `select`, `reject` and the two for an attribute: keeps the items that a test, or their own truth, is for. */
const selecting = (name: string, isKept: boolean, hasAttribute: boolean): object =>
  native(name, ({ positional: [value, ...given], named }, scope) => {
    const read = hasAttribute ? getter(given[0] as Attribute) : getter(undefined)
    const [test, ...positional] = hasAttribute ? given.slice(1) : given
    if (hasAttribute && given.length === 0) throw new TemplateError(`${name}() needs the name of an attribute`)
    const holds = test === undefined ? isTrue : tested(str(test), { positional, named }, scope)
    return listOf(value).filter(item => holds(read(item)) === isKept)
  })

function tested(name: string, { positional, named }: Arguments, scope: Scope): (value: unknown) => boolean {
  const test = scope.rendering.language.named('test', name)
  return value => isTrue(callValue(test, name, { positional: [value, ...positional], named }, scope))
}

/** What `map` has instead of the name of a filter. */
const ATTRIBUTE = { attribute: undefined as Attribute, default: undefined as unknown }

/** Jinja's filters that apply others, or tests, to each item of a list. */
export const selectFilters: Readonly<Record<string, object>> = {
  map: native('map', ({ positional: [value, name, ...positional], named = {} }, scope) => {
    if (name === undefined) {
      const { attribute, default: otherwise } = bind('map()', { positional: [], named }, ATTRIBUTE)
      if (attribute === undefined) throw new TemplateError('map() needs the name of a filter, or attribute=')
      return listOf(value).map(getter(attribute, otherwise))
    }
    const filter = scope.rendering.language.named('filter', str(name))
    return listOf(value).map(item => callValue(filter, str(name), { positional: [item, ...positional], named }, scope))
  }),

  reject: selecting('reject', false, false),

  rejectattr: selecting('rejectattr', false, true),

  select: selecting('select', true, false),

  selectattr: selecting('selectattr', true, true),
}
