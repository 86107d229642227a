import { describe } from '../errors/describe'
import { entry, hasEntry, isDictionary } from './dictionaries'
import { isNumeric } from './equality'
import { byKind, numericOf } from './number-text'
import { TemplateError } from './template-error'
import { repr, str } from './text'
import { Tuple } from './tuple'

const PLACE =
  /%(?:\((?<name>[^()]*)\))?(?<flags>[-0+ #]*)(?<width>(?:[1-9]\d*)?|\*)(?:\.(?<precision>\d*|\*))?[hlL]?(?<kind>[a-zA-Z%])|%/g

interface Place {
  readonly name?: string
  readonly flags: string
  readonly width: string
  readonly precision?: string
  /** `undefined` for a `%` at the end. */
  readonly kind?: string
}

/** Makes safe what a format puts into a safe text. */
type Shown = (value: unknown) => unknown

/** Python's `text % values`: the values are those of a tuple, or one. */
export function printf(text: string, values: unknown, shown: Shown = value => value): string {
  const list: readonly unknown[] = values instanceof Tuple ? values : [values]
  let used = 0
  const next = (): unknown => {
    if (used >= list.length) throw new TemplateError(`${describe(text)} has more places than there are values`)
    return list[used++]
  }
  const size = (given: string | undefined) => (given === '*' ? Number(next()) : Number(given))
  const result = text.replace(PLACE, (...found: unknown[]) => {
    const { name, flags, width, precision, kind } = found.at(-1) as Place
    if (kind === undefined) throw new TemplateError(`${describe(text)} has a % without a letter; %% is a % itself`)
    if (kind === '%') return '%'
    const wide = size(width)
    const precise = precision === undefined ? undefined : size(precision)
    const value = name === undefined ? next() : valueOf(name, values, text)
    return padded(converted(shown(value), kind, precise, flags), kind, flags, wide)
  })
  // As in Python, values that have names need not be used.
  if (used < list.length && !isDictionary(values) && (values instanceof Tuple || !Array.isArray(values)))
    throw new TemplateError(`${describe(text)} has fewer places than there are values`)
  return result
}

function valueOf(name: string, values: unknown, text: string): unknown {
  const dictionary = Object(values) as object
  if (hasEntry(dictionary, name)) return entry(dictionary, name)
  throw new TemplateError(`${describe(text)} has a place %(${name}) for which there is no value`)
}

/** Those of texts. */
const TEXTS = ['s', 'r', 'a']

function converted(value: unknown, kind: string, precision: number | undefined, flags: string): string {
  if (TEXTS.includes(kind)) return [...(kind === 's' ? str(value) : repr(value))].slice(0, precision).join('')
  if (kind === 'c' && !isNumeric(value)) return str(value)
  const text = byKind(numericOf(value), 'iu'.includes(kind) ? 'd' : kind, precision, flags.includes('#'))
  if (text !== undefined && !'b%'.includes(kind)) return text
  throw new TemplateError(`the format %${kind} is not known: %s, %r, %c, %d, %x, %o, %e, %f and %g are`)
}

function padded(text: string, kind: string, flags: string, width: number): string {
  const isNumber = !TEXTS.includes(kind) && kind !== 'c'
  const plus = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  const signed = isNumber && !text.startsWith('-') ? plus + text : text
  if (flags.includes('-')) return signed.padEnd(width)
  if (!flags.includes('0') || !isNumber) return signed.padStart(width)
  return signed.replace(/^[+ -]?(?:0[xo])?/i, start => start + '0'.repeat(Math.max(0, width - signed.length)))
}
