import { describe } from '../errors/describe'
import { isThenable } from '../util/thenable'
import { isoText } from './dates'
import { htmlOf, Markup } from './markup'
import { entriesOf, isDictionary } from './dictionaries'
import { numberText } from './number-text'
import { Tuple } from './tuple'
import { promised } from './values'

/** What a template prints for a value: as in Jinja, `None`, `True`, `[1, 'a']`. Nothing for `undefined`. */
export function str(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined) return ''
  if (value instanceof Markup) return value.html
  return htmlOf(value) ?? repr(value)
}

/** The same, with quotes around texts: a value in a list. @param around the values that this one is in */
export function repr(value: unknown, around: readonly object[] = []): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'boolean':
      return value ? 'True' : 'False'
    case 'number':
      return numberText(value)
    case 'function':
      return `<function ${value.name || 'anonymous'}>`
    case 'object':
      return value === null ? 'None' : objectText(value, around)
    case 'undefined':
      return 'Undefined'
    default:
      return String(value)
  }
}

function objectText(value: object, around: readonly object[]): string {
  const inner = (each: unknown) => repr(each, [...around, value])
  const isList = Array.isArray(value)
  if (around.includes(value)) return isList ? '[...]' : '{...}'
  if (isList) return value instanceof Tuple ? tupleText(value.map(inner)) : `[${value.map(inner).join(', ')}]`
  if (value instanceof Markup) return `Markup(${quoted(value.html)})`
  if (value instanceof Date) return isoText(value, ' ')
  if (value instanceof Set) return `{${[...value].map(inner).join(', ')}}`
  if (isThenable(value)) throw promised(value, 'a promise was printed')
  if (isDictionary(value)) return dictText(value, inner)
  const text = value as { readonly toString: () => string }
  return text.toString === Object.prototype.toString ? `<${describe(value)}>` : text.toString()
}

const dictText = (value: object, inner: (value: unknown) => string): string =>
  `{${entriesOf(value)
    .map(([key, each]) => `${inner(key)}: ${inner(each)}`)
    .join(', ')}}`

const tupleText = (items: readonly string[]) => (items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`)

/** With the quotes that Python chooses. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replace(/[\\\n\r\t]/g, character => ESCAPES[character] as string)
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
