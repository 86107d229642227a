import { describe } from '../errors/describe'
import { isThenable } from '../util/thenable'
import { isoText } from './dates'
import { TemplateError } from './template-error'
import { htmlOf, Markup } from './markup'
import { isMapLike, isPlain, keysOf } from './values'

/** What a template prints for a value: as in Jinja, `None`, `True`, `[1, 'a']`. Nothing for `undefined`. */
export function str(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === undefined) return ''
  if (value instanceof Markup) return value.html
  return htmlOf(value) ?? repr(value)
}

/** The same, with quotes around texts: a value in a list. */
export function repr(value: unknown): string {
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
      return value === null ? 'None' : objectText(value)
    case 'undefined':
      return 'Undefined'
    default:
      return String(value)
  }
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
}

function objectText(value: object): string {
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`
  if (value instanceof Markup) return `Markup(${quoted(value.html)})`
  if (value instanceof Date) return isoText(value, ' ')
  if (value instanceof Set) return `{${[...value].map(repr).join(', ')}}`
  if (isThenable(value)) throw isPromise()
  if (isPlain(value) || isMapLike(value)) return dictText(value)
  const text = value as { readonly toString: () => string }
  return text.toString === Object.prototype.toString ? `<${describe(value)}>` : text.toString()
}

const dictText = (value: object): string =>
  `{${keysOf(value)
    .map(key => `${repr(key)}: ${repr(entryOf(value, key))}`)
    .join(', ')}}`

const entryOf = (value: object, key: unknown): unknown =>
  isMapLike(value) ? value.get(key) : (value as Record<string, unknown>)[key as string]

const isPromise = () =>
  new TemplateError('a promise was printed. A template cannot wait: await the value in the view, and pass the result.')

/** With the quotes that Python chooses. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const escaped = text.replace(/[\\\n\r\t]/g, character => ESCAPES[character] as string)
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
