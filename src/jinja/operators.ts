import {
  calculating,
  bigPower,
  divisor,
  isWhole,
  modulo,
  numbers,
  numeric,
  plus,
  power,
  remainder,
  times,
} from './arithmetic'
import { printf } from './printf'
import { likeList } from './tuple'
import { escapeText, htmlOf, Markup } from './markup'
import { str } from './text'
import { TemplateError } from './template-error'
import { compare, isEqual, isNumeric } from './equality'
import { contains, textIn } from './values'

type Operation = (a: unknown, b: unknown, symbol: string) => unknown

/** A mistake must not fill the memory. */
const LONGEST = 10_000_000

/** The operators that calculate, by their symbols. */
export const OPERATORS: Readonly<Record<string, Operation>> = {
  '+': (a, b, symbol) => {
    if (Array.isArray(a) && Array.isArray(b)) return likeList(a, [...(a as unknown[]), ...(b as unknown[])])
    return textIn(a) !== undefined && textIn(b) !== undefined ? joined([a, b]) : plus(a, b, symbol)
  },
  '-': calculating(
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  '*': (a, b, symbol) => repeated(a, b) ?? repeated(b, a) ?? times(a, b, symbol),
  '/': (a, b, symbol) => {
    const [left, right] = numbers(a, b, symbol)
    return Number(left) / Number(divisor(right))
  },
  '//': calculating(
    (a, b) => Math.floor(a / divisor(b)),
    (a, b) => (a - modulo(a, b)) / b,
  ),
  '%': (a, b, symbol) => {
    if (typeof a === 'string') return printf(a, b)
    return a instanceof Markup ? new Markup(printf(a.html, b, escaped)) : remainder(a, b, symbol)
  },
  '**': calculating(power, bigPower),
}

/** Numbers stay what they are, so that a format of theirs works. */
const escaped = (value: unknown) => (isNumeric(value) ? value : asHtml(value))

/** The text or list that is repeated, if these are one and a whole number. */
function repeated(value: unknown, count: unknown): unknown {
  const times = numeric(count)
  if (times === undefined || !isWhole(times)) return undefined
  const text = textIn(value)
  const length = Array.isArray(value) ? value.length : (text ?? '').length
  if (Number(times) * length > LONGEST) throw new TemplateError(`* would give more than ${LONGEST} items or characters`)
  const rounds = Math.max(0, Number(times))
  if (Array.isArray(value)) return likeList(value, Array.from({ length: rounds }, () => value as unknown[]).flat())
  if (text === undefined) return undefined
  return value instanceof Markup ? new Markup(text.repeat(rounds)) : text.repeat(rounds)
}
/** `-value` and `+value`. */
export function signed(symbol: string, value: unknown): unknown {
  const [, number] = numbers(0, value, symbol)
  return symbol === '-' ? -number : number
}

/** Texts in a row. If one of them is safe, the others are escaped, and the result is safe. */
export function joined(values: readonly unknown[], separator: unknown = ''): string | Markup {
  if (![separator, ...values].some(value => htmlOf(value) !== undefined)) return values.map(str).join(str(separator))
  return new Markup(values.map(asHtml).join(asHtml(separator)))
}

/** The HTML that prints a value. */
export const asHtml = (value: unknown): string => htmlOf(value) ?? escapeText(str(value))

/** The operators that compare, by their words. */
export const COMPARISONS: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  '==': isEqual,
  '!=': (a, b) => !isEqual(a, b),
  '<': (a, b) => compare(a, b) < 0,
  '<=': (a, b) => compare(a, b) <= 0,
  '>': (a, b) => compare(a, b) > 0,
  '>=': (a, b) => compare(a, b) >= 0,
  in: (a, b) => contains(b, a),
  'not in': (a, b) => !contains(b, a),
}
