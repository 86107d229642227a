import { itemOf } from './attributes'
import { defineFilter, numberOf } from './define-filter'
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

const ROUNDING: Readonly<Record<string, (value: number) => number>> = {
  common: value => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value)),
  ceil: Math.ceil,
  floor: Math.floor,
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
    const number = Number.parseFloat(textIn(value) ?? String(value))
    return Number.isNaN(number) ? instead : number
  }),

  int: defineFilter('int', { default: 0, base: 10 }, (value, { default: instead, base }) => {
    const text = textIn(value)
    const number =
      text === undefined
        ? Number(value)
        : base === 10
          ? Number.parseFloat(text)
          : Number.parseInt(text.replace(/^0[xob]/i, ''), base)
    return Number.isFinite(number) ? Math.trunc(number) : instead
  }),

  round: defineFilter('round', { precision: 0, method: 'common' }, (value, { precision, method }) => {
    const round = Object.hasOwn(ROUNDING, method) ? ROUNDING[method] : undefined
    if (round === undefined) throw new TemplateError("round(): the method must be 'common', 'ceil' or 'floor'")
    const factor = 10 ** precision
    return round(numberOf(value) * factor) / factor
  }),
}
