import { entry, hasEntry } from './container-methods'
import { htmlOf } from './markup'
import { repr, str } from './text'
import { TemplateError } from './template-error'
import { isPlain } from './values'

const PRINTF =
  /%(?:\((?<name>\w+)\))?(?<flags>[-0+ ]*)(?<width>(?:[1-9]\d*)?)(?:\.(?<precision>\d+))?(?<kind>[a-zA-Z%])/g

/** Makes safe what a format puts into a safe text. */
type Shown = (value: unknown) => unknown

/** Python's `text % values`. */
export function printf(text: string, values: readonly unknown[], shown: Shown = value => value): string {
  let next = 0
  return text.replace(PRINTF, (...found: unknown[]) => {
    const { name, flags, width, precision, kind } = found.at(-1) as Record<string, string | undefined> & {
      flags: string
      width: string
      kind: string
    }
    if (kind === '%') return '%'
    if (name === undefined && next >= values.length)
      throw new TemplateError(`${repr(text)} has more places than there are values`)
    const value = name === undefined ? values[next++] : valueOf(name, values[0], text)
    const unsigned = converted(shown(value), kind, precision)
    const signed = flags.includes('+') && !unsigned.startsWith('-') && kind !== 's' ? `+${unsigned}` : unsigned
    if (flags.includes('-')) return signed.padEnd(Number(width))
    if (!flags.includes('0')) return signed.padStart(Number(width))
    return signed.replace(/^[+-]?/, sign => sign + '0'.repeat(Math.max(0, Number(width) - signed.length)))
  })
}

function valueOf(name: string, values: unknown, text: string): unknown {
  const dictionary = Object(values) as object
  if (hasEntry(dictionary, name)) return entry(dictionary, name)
  throw new TemplateError(`${repr(text)} has a place %(${name}) for which there is no value`)
}

function converted(value: unknown, kind: string, precision: string | undefined): string {
  switch (kind) {
    case 's':
      return str(value).slice(0, precision === undefined ? undefined : Number(precision))
    case 'r':
      return repr(value)
    case 'd':
    case 'i':
      return String(Math.trunc(numberIn(value)))
    case 'f':
      return numberIn(value).toFixed(Number(precision ?? 6))
    case 'x':
      return Math.trunc(numberIn(value)).toString(16)
    default:
      throw new TemplateError(`the format %${kind} is not known: %s, %r, %d, %f and %x are`)
  }
}

function numberIn(value: unknown): number {
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number === 'number') return number
  throw new TemplateError(`${repr(value)} is not a number`)
}

const SPECIFICATION = /^(?:(.)?([<>^]))?([+]?)(0?)(\d*)(,?)(?:\.(\d+))?([sdfx%]?)$/

/** Python's `text.format(…)`: `{}`, `{0}`, `{name}`, with `{:>8}`, `{:,.2f}` and the like. The named values come last. */
export function formatted(text: string, args: readonly unknown[], escape: (text: string) => string = same): string {
  const named = args.findLast(isPlain) ?? {}
  let next = 0
  return text.replace(/\{\{|\}\}|\{(\w*)(?::([^{}]*))?\}/g, (whole: string, name?: string, specification?: string) => {
    if (name === undefined) return whole.slice(1)
    const key = name === '' ? String(next++) : name
    const isIndex = /^\d+$/.test(key)
    if (isIndex ? Number(key) >= args.length : !Object.hasOwn(named, key))
      throw new TemplateError(`${repr(text)} has a place {${name}} for which there is no value`)
    const value = isIndex ? args[Number(key)] : named[key]
    const shown = specified(value, specification ?? '')
    return htmlOf(value) === undefined ? escape(shown) : shown
  })
}

const same = (text: string): string => text

function specified(value: unknown, specification: string): string {
  const [whole, fill = ' ', align, sign, zeros, width, comma, precision, kind] = SPECIFICATION.exec(specification) ?? []
  if (whole === undefined) throw new TemplateError(`the format ${repr(specification)} is not known`)
  const isNumber = typeof value === 'number' || typeof value === 'bigint'
  const text = isNumber
    ? numberText(Number(value), { comma, precision, kind })
    : str(value).slice(0, precision === undefined ? undefined : Number(precision))
  const signed = sign === '+' && isNumber && Number(value) >= 0 ? `+${text}` : text
  return aligned(signed, Number(width), zeros === '0' ? '0' : fill, align ?? (isNumber ? '>' : '<'))
}

interface NumberFormat {
  readonly comma: string | undefined
  readonly precision: string | undefined
  readonly kind: string | undefined
}

function numberText(value: number, { comma, precision, kind }: NumberFormat): string {
  if (kind === 'x') return value.toString(16)
  const isPercent = kind === '%'
  const digits = precision === undefined ? (kind === 'f' || isPercent ? 6 : undefined) : Number(precision)
  const scaled = isPercent ? value * 100 : value
  const text = digits === undefined ? String(scaled) : scaled.toFixed(digits)
  const grouped = comma === ',' ? text.replace(/\d(?=(?:\d{3})+(?!\d))(?<!\.\d*)/g, '$&,') : text
  return grouped + (isPercent ? '%' : '')
}

function aligned(text: string, width: number, fill: string, align: string): string {
  const space = Math.max(0, width - text.length)
  const left = align === '<' ? 0 : align === '>' ? space : Math.floor(space / 2)
  return fill.repeat(left) + text + fill.repeat(space - left)
}
