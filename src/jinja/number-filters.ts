import { itemOf } from './attributes'
import { defineFilter, numberOf } from './define-filter'
import { numeric } from './arithmetic'
import { fixed } from './number-text'
import { TemplateError } from './template-error'
import { isTrue, textIn } from './values'

const otherwise = defineFilter(
  'default',
  { default_value: '', boolean: false },
  (value, { default_value: instead, boolean }) =>
    value === undefined || (boolean && !isTrue(value)) ? instead : value,
)

const UNITS = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']

function sizeText(bytes: number, isBinary: boolean): string {
  const base = isBinary ? 1024 : 1000
  if (bytes === 1) return '1 Byte'
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`
  const power = Math.min(UNITS.length, Math.floor(Math.log(bytes) / Math.log(base) + 1e-9))
  const letter = UNITS[power - 1] as string
  return `${(bytes / base ** power).toFixed(1)} ${isBinary ? `${letter.toUpperCase()}iB` : `${letter}B`}`
}

const ROUNDING: Readonly<Record<string, (value: number, precision: number) => number>> = {
  common: (value, precision) =>
    precision < 0 ? scaled(Math.round, value, precision) : Number(fixed(value, precision)),
  ceil: (value, precision) => scaled(Math.ceil, value, precision),
  floor: (value, precision) => scaled(Math.floor, value, precision),
}

function scaled(round: (value: number) => number, value: number, precision: number): number {
  const factor = 10 ** precision
  return round(value * factor) / factor
}

const FLOAT = /^[+-]?(?:inf(?:inity)?|nan|(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)$/i

/** A number, also of a text that is nothing else; `undefined` for other values. */
function numberIn(value: unknown): number | bigint | undefined {
  const text = textIn(value)
  if (text === undefined) return numeric(value)
  const plain = text.trim().replace(/(?<=\d)_(?=\d)/g, '')
  if (!FLOAT.test(plain)) return undefined
  const number = Number(plain)
  if (Number.isNaN(number)) return /nan/i.test(plain) ? NaN : plain.startsWith('-') ? -Infinity : Infinity
  return /^[+-]?\d+$/.test(plain) && !Number.isSafeInteger(number) ? BigInt(plain.replace('+', '')) : number
}

/** A whole number in another base; `undefined` for another text. */
function inBase(text: string, base: number): number | undefined {
  const prefix = { 16: '0x', 8: '0o', 2: '0b' }[base]
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text.trim().toLowerCase()) ?? []
  const plain = sign + (prefix !== undefined && rest.startsWith(prefix) ? rest.slice(2) : rest)
  const digits = [...plain.replace(/^[+-]/, '')]
  const isNumber = digits.length > 0 && digits.every(digit => parseInt(digit, 36) < base)
  return isNumber ? parseInt(plain, base) : undefined
}

/** Jinja's filters for numbers and for any value. */
export const numberFilters: Readonly<Record<string, object>> = {
  abs: defineFilter('abs', {}, value => Math.abs(numberOf(value))),
  attr: defineFilter('attr', { name: '' }, (value, { name }) => itemOf(value, name, 'the value')),
  d: otherwise,
  default: otherwise,
  filesizeformat: defineFilter('filesizeformat', { binary: false }, (value, { binary }) =>
    sizeText(numberOf(value), binary),
  ),

  float: defineFilter('float', { default: 0 }, (value, { default: instead }) => {
    const number = numberIn(value)
    return number === undefined ? instead : Number(number)
  }),

  int: defineFilter('int', { default: 0, base: 10 }, (value, { default: instead, base }) => {
    const text = textIn(value)
    const number = text === undefined || base === 10 ? numberIn(value) : inBase(text, base)
    if (typeof number !== 'number') return number ?? instead
    return Number.isFinite(number) ? Math.trunc(number) : instead
  }),

  round: defineFilter('round', { precision: 0, method: 'common' }, (value, { precision, method }) => {
    const round = Object.hasOwn(ROUNDING, method) ? ROUNDING[method] : undefined
    if (round === undefined) throw new TemplateError("round(): the method must be 'common', 'ceil' or 'floor'")
    return round(numberOf(value), precision)
  }),
}
