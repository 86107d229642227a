import { describe } from '../errors/describe'
import { TemplateError } from './template-error'
import { isNumeric } from './equality'

type Numeric = number | bigint

/** A number as Python prints it: `1e-05`, `inf`. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  const isSmall = value !== 0 && Math.abs(value) < 1e-4
  return isSmall ? withTwoDigits(value.toExponential()) : String(value)
}

/** The exponent has at least two digits. */
const withTwoDigits = (text: string) => text.replace(/e([+-])(\d)$/, 'e$10$2')

/** Digits behind the point. JavaScript rounds halves up, Python to an even digit. */
export function fixed(value: number, digits: number): string {
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.${'0'.repeat(digits)}`.replace(/\.$/, '')
  const text = value.toFixed(digits)
  const rest = value.toFixed(Math.min(100, digits + 60)).slice(text.length + (digits === 0 ? 1 : 0))
  if (!/^50*$/.test(rest) || !/[13579]$/.test(text)) return text
  // It was rounded up, to an odd digit.
  return value.toFixed(Math.min(100, digits + 60)).slice(0, text.length)
}

/** The shortest of both ways to write a number, without zeros at its end. */
function general(value: number, precision: number): string {
  const digits = Math.max(1, precision)
  const exponential = value.toExponential(digits - 1)
  const exponent = Number(exponential.split('e')[1])
  const isFixed = exponent >= -4 && exponent < digits
  const text = isFixed ? fixed(value, digits - 1 - exponent) : exponential
  return withTwoDigits(text.replace(/\.0+(?=$|e)|(\.\d*[1-9])0+(?=$|e)/, '$1'))
}

const DIGITS: Readonly<Record<string, number>> = { x: 16, o: 8, b: 2 }

/** A whole number in another base, `0xff`. */
function inBase(value: bigint, kind: string, hasPrefix: boolean): string {
  const text = value.toString(DIGITS[kind])
  return hasPrefix ? text.replace(/^-?/, sign => `${sign}0${kind}`) : text
}

/**
 * A number by a letter of Python's formats, without a sign for those that are not negative.
 *
 * @param kind `d`, `x`, `o`, `b`, `c`, `e`, `f`, `g` or `%`; those that are great give great letters
 * @returns `undefined` for another letter
 */
export function byKind(
  value: Numeric,
  kind: string,
  precision: number | undefined,
  hasPrefix: boolean,
): string | undefined {
  const small = kind.toLowerCase()
  if (small !== kind)
    return 'XEFG'.includes(kind) ? byKind(value, small, precision, hasPrefix)?.toUpperCase() : undefined
  const number = Number(value)
  if (!Number.isFinite(number)) return typeof value === 'number' ? numberText(value) : String(value)
  if ('dxobc'.includes(kind)) {
    const whole = typeof value === 'bigint' ? value : BigInt(Math.trunc(value))
    return kind === 'd' ? String(whole) : kind === 'c' ? String.fromCodePoint(number) : inBase(whole, kind, hasPrefix)
  }
  if (kind === 'e') return withTwoDigits(number.toExponential(precision ?? 6))
  if (kind === 'f') return fixed(number, precision ?? 6)
  if (kind === 'g') return general(number, precision ?? 6)
  return kind === '%' ? `${fixed(number * 100, precision ?? 6)}%` : undefined
}

/** With a sign between each three digits before the point. */
export const grouped = (text: string, separator: string): string =>
  text.replace(/\d+/, digits => {
    const first = digits.length % 3
    const threes = digits.slice(first).match(/\d{3}/g) ?? []
    return [digits.slice(0, first), ...threes].filter(Boolean).join(separator)
  })

/** A number, or a boolean as one. @throws TemplateError for any other value */
export function numericOf(value: unknown): Numeric {
  if (isNumeric(value)) return value
  if (typeof value === 'boolean') return Number(value)
  throw new TemplateError(`${describe(value)} is not a number`)
}
