import { defineFilter, NOTHING, numberOf } from './define-filter'
import { htmlOf } from './markup'
import { COMPARISONS, OPERATORS } from './operators'
import { str } from './text'
import { isMapLike, isPlain } from './dictionaries'
import { isIterable, textIn } from './values'

type Check = (value: unknown) => boolean

const check = (name: string, holds: Check): object => defineFilter(name, {}, holds)

const compared = (name: string, symbol: string): object =>
  defineFilter(name, { other: NOTHING }, (value, { other }) => COMPARISONS[symbol]?.(value, other))

const remainder = (value: unknown, by: number): unknown => OPERATORS['%']?.(numberOf(value), by, '%')

const isLetters =
  (change: (text: string) => string): Check =>
  value => {
    const text = str(value)
    return text.toLowerCase() !== text.toUpperCase() && change(text) === text
  }

const isInteger: Check = value => Number.isInteger(value) || typeof value === 'bigint'
const isMapping: Check = value => isPlain(value) || isMapLike(value)
const isSequence: Check = value =>
  value === undefined || Array.isArray(value) || textIn(value) !== undefined || isMapping(value)

const [equal, unequal] = [compared('eq', '=='), compared('ne', '!=')]
const [less, lessOrEqual] = [compared('lt', '<'), compared('le', '<=')]
const [greater, greaterOrEqual] = [compared('gt', '>'), compared('ge', '>=')]

/** Jinja's tests, `value is test`. */
export const tests: Readonly<Record<string, object>> = {
  ...{ eq: equal, equalto: equal, '==': equal, ne: unequal, '!=': unequal },
  ...{ lt: less, lessthan: less, '<': less, le: lessOrEqual, '<=': lessOrEqual },
  ...{ gt: greater, greaterthan: greater, '>': greater, ge: greaterOrEqual, '>=': greaterOrEqual },
  boolean: check('boolean', value => typeof value === 'boolean'),
  callable: check('callable', value => typeof value === 'function'),
  defined: check('defined', value => value !== undefined),
  divisibleby: defineFilter('divisibleby', { num: 1 }, (value, { num }) => remainder(value, num) === 0),
  escaped: check('escaped', value => htmlOf(value) !== undefined),
  even: check('even', value => remainder(value, 2) === 0),
  false: check('false', value => value === false),
  filter: defineFilter('filter', {}, (value, _, { rendering }) => rendering.language.has('filter', String(value))),
  float: check('float', value => typeof value === 'number' && !Number.isInteger(value)),
  in: compared('in', 'in'),
  integer: check('integer', isInteger),
  iterable: check('iterable', value => isIterable(value) || isMapping(value) || value === undefined),
  lower: check(
    'lower',
    isLetters(text => text.toLowerCase()),
  ),
  mapping: check('mapping', isMapping),
  none: check('none', value => value === null),
  number: check('number', value => ['number', 'bigint', 'boolean'].includes(typeof value)),
  odd: check('odd', value => remainder(value, 2) === 1),
  sameas: defineFilter('sameas', { other: NOTHING }, (value, { other }) => value === other),
  sequence: check('sequence', isSequence),
  string: check('string', value => textIn(value) !== undefined),
  test: defineFilter('test', {}, (value, _, { rendering }) => rendering.language.has('test', String(value))),
  true: check('true', value => value === true),
  undefined: check('undefined', value => value === undefined),
  upper: check(
    'upper',
    isLetters(text => text.toUpperCase()),
  ),
}
