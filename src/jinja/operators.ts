import { describe } from '../errors/describe'
import { printf } from './format'
import { escapeText, htmlOf, Markup } from './markup'
import { str } from './text'
import { TemplateError } from './template-error'
import { compare, contains, isEqual, isNumeric, textIn } from './values'

type Operation = (a: unknown, b: unknown, symbol: string) => unknown
type Numbers = readonly [number, number] | readonly [bigint, bigint]

/** The operators that calculate, by their symbols. */
export const OPERATORS: Readonly<Record<string, Operation>> = {
  '+': (a, b, symbol) => {
    if (Array.isArray(a) && Array.isArray(b)) return [...(a as unknown[]), ...(b as unknown[])]
    return textIn(a) !== undefined && textIn(b) !== undefined ? joined([a, b]) : add(...numbers(a, b, symbol))
  },
  '-': (a, b, symbol) => subtract(...numbers(a, b, symbol)),
  '*': (a, b, symbol) => {
    const text = textIn(a)
    if (text === undefined) return multiply(...numbers(a, b, symbol))
    const repeated = text.repeat(Math.max(0, Number(numbers(0, b, symbol)[1])))
    return a instanceof Markup ? new Markup(repeated) : repeated
  },
  '/': (a, b, symbol) => divide(...floats(a, b, symbol)),
  '//': (a, b, symbol) => Math.floor(divide(...floats(a, b, symbol))),
  '%': (a, b, symbol) => {
    if (typeof a === 'string') return printf(a, Array.isArray(b) ? b : [b])
    if (a instanceof Markup) return new Markup(printf(a.html, Array.isArray(b) ? b : [b], escaped))
    const [left, right] = floats(a, b, symbol)
    return left - right * Math.floor(divide(left, right))
  },
  '**': (a, b, symbol) => floats(a, b, symbol).reduce((base, exponent) => base ** exponent),
}

const add = (a: never, b: never) => (a as number) + (b as number)
const subtract = (a: never, b: never) => (a as number) - (b as number)
const multiply = (a: never, b: never) => (a as number) * (b as number)

function divide(a: number, b: number): number {
  if (b === 0) throw new TemplateError('division by zero')
  return a / b
}

/** Numbers stay escaped texts, and a format of theirs works. */
const escaped = (value: unknown) => (isNumeric(value) ? value : asHtml(value))

/** Both as numbers, or both as bigints. @throws TemplateError for other values */
function numbers(a: unknown, b: unknown, symbol: string): [never, never] {
  const [left, right] = [numeric(a), numeric(b)]
  if (left === undefined || right === undefined)
    throw new TemplateError(`${describe(a)} ${symbol} ${describe(b)}: the operator is not for these values`)
  const pair: Numbers =
    typeof left === 'bigint' && typeof right === 'bigint' ? [left, right] : [Number(left), Number(right)]
  return pair as unknown as [never, never]
}

const floats = (a: unknown, b: unknown, symbol: string) => numbers(a, b, symbol).map(Number) as [number, number]

function numeric(value: unknown): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  return typeof value === 'boolean' ? Number(value) : undefined
}

/** `-value` and `+value`. */
export function signed(symbol: string, value: unknown): unknown {
  const [, number] = numbers(0, value, symbol) as readonly unknown[] as Numbers
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
