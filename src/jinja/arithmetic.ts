import { describe } from '../errors/describe'
import { TemplateError } from './template-error'

type Numeric = number | bigint
type Calculation = (a: unknown, b: unknown, symbol: string) => Numeric

/** A number, or a boolean as one; `undefined` for other values. */
export function numeric(value: unknown): Numeric | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  return typeof value === 'boolean' ? Number(value) : undefined
}

/** Two numbers. @throws TemplateError for other values */
export function numbers(a: unknown, b: unknown, symbol: string): readonly [Numeric, Numeric] {
  const [left, right] = [numeric(a), numeric(b)]
  if (left === undefined || right === undefined)
    throw new TemplateError(`${describe(a)} ${symbol} ${describe(b)}: the operator is not for these values`)
  return [left, right]
}

export const isWhole = (value: Numeric): boolean => typeof value === 'bigint' || Number.isSafeInteger(value)

/** Calculates as Python does: whole numbers become bigints where JavaScript's numbers end. */
export function calculating(
  inNumbers: (a: number, b: number) => number,
  inBigints: (a: bigint, b: bigint) => Numeric,
): Calculation {
  return (a, b, symbol) => {
    const [left, right] = numbers(a, b, symbol)
    const areWhole = isWhole(left) && isWhole(right)
    if (areWhole && (typeof left === 'bigint' || typeof right === 'bigint'))
      return inBigints(BigInt(left), BigInt(right))
    const result = inNumbers(Number(left), Number(right))
    const isExact = !areWhole || !Number.isInteger(result) || Number.isSafeInteger(result)
    return isExact ? result : inBigints(BigInt(left), BigInt(right))
  }
}

export const plus = calculating(
  (a, b) => a + b,
  (a, b) => a + b,
)

export const times = calculating(
  (a, b) => a * b,
  (a, b) => a * b,
)

/** Python's remainder has the sign of the divisor. */
export const remainder = calculating((a, b) => {
  const rest = a % divisor(b)
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest
}, modulo)

export function modulo(a: bigint, b: bigint): bigint {
  const rest = a % divisor(b)
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest
}

/** @throws TemplateError for 0 */
export function divisor<T extends Numeric>(value: T): T {
  if (value == 0) throw new TemplateError('division by zero')
  return value
}

/** How many bits a power may have: more would take minutes. */
const MOST_BITS = 100_000

export function power(base: number, exponent: number): number {
  if (base === 0 && exponent < 0) throw new TemplateError('division by zero')
  return base ** exponent
}

export function bigPower(base: bigint, exponent: bigint): Numeric {
  if (exponent < 0n) return power(Number(base), Number(exponent))
  if (BigInt(base.toString(2).length) * exponent > MOST_BITS) throw new TemplateError('the result of ** is too large')
  return base ** exponent
}
