import { toBoolean } from './booleans'
import type { Kind, Kinds, TextKind } from './kinds'
import { checkName } from './refuse'

/** Texts by name; a name that was sent several times has a list. Files of a form are left as they are. */
export type Texts = Record<string, unknown>

/** Without a prototype: a name that was not sent must not be found as one that every object inherits. */
const empty = () => Object.create(null) as Texts

/** `a=1&b=2&b=3` → `{ a: '1', b: ['2', '3'] }` */
export function collect(pairs: Iterable<readonly [string, unknown]>): Texts {
  const all = empty()
  for (const [name, value] of pairs) {
    checkName(name)
    const known = all[name]
    if (known === undefined) all[name] = value
    else if (Array.isArray(known)) known.push(value)
    else all[name] = [known, value]
  }
  return all
}

/** Header fields, of which those that are lists have the values that commas separate (RFC 9110 5.6.1). */
export function withLists(given: Readonly<Texts>, kinds: Kinds): Texts {
  const lists = [...kinds.namesIn(given)].filter(name => kinds.of(name)?.isList && typeof given[name] === 'string')
  if (lists.length === 0) return given
  const read = { ...given }
  for (const name of lists) {
    const values = (given[name] as string).split(',').map(value => value.trim())
    read[name] = values.filter(value => value !== '')
  }
  return read
}

/** The texts as the schema wants them. What is no number stays a text, so that the schema names the problem. */
export function coerce(given: Readonly<Texts>, kinds: Kinds): Texts {
  if (kinds.areTexts) return given
  const read = Object.assign(empty(), given)
  for (const name of kinds.namesIn(read)) {
    const kind = kinds.of(name)
    if (kind === undefined || !Object.hasOwn(read, name)) continue
    const value = kind.isList ? listOf(read[name], kind) : coerceOne(read[name], kind)
    if (value === undefined) delete read[name]
    else read[name] = value
  }
  return read
}

/** Where places count, an empty text keeps its own. */
function listOf(value: unknown, kind: Kind): unknown[] | undefined {
  const values = [value].flat()
  if (kind.places.length > 0) return values.map((each, index) => coerceOne(each, kind.places[index] ?? kind) ?? each)
  const list = values.map(each => coerceOne(each, kind)).filter(each => each !== undefined)
  return list.length === 0 ? undefined : list
}

const NUMERAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** In a union: a number, a boolean, then a text. An empty text of a number or boolean is absent, as browsers send it. */
function coerceOne(value: unknown, { number, boolean, text }: TextKind): unknown {
  if (typeof value !== 'string') return value
  if (value === '' && !text) return undefined
  if (number && NUMERAL.test(value) && Number.isFinite(Number(value))) return Number(value)
  if (boolean) return toBoolean(value) ?? value
  return value
}
