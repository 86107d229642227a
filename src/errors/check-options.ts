import { isRecord } from '../util/is-record'
import { describe } from './describe'
import { didYouMean } from './did-you-mean'

/** What an option may be. */
export interface OptionKind {
  readonly expected: string
  fits(value: unknown): boolean
}

export const TRUE_OR_FALSE: OptionKind = { expected: 'true or false', fits: value => typeof value === 'boolean' }
export const TEXT: OptionKind = { expected: 'a text', fits: value => typeof value === 'string' }
export const ANYTHING: OptionKind = { expected: 'anything', fits: () => true }

/**
 * Throws a TypeError for options of a function that do not exist or are of the wrong type: they would quietly have no effect.
 *
 * @param where the function, for the error
 */
export function checkOptions<T extends object>(
  options: T,
  kinds: Readonly<Record<keyof T, OptionKind>>,
  where: string,
): T {
  const fail = (problem: string) => new TypeError(`${where}: ${problem}`)
  if (!isRecord(options)) throw fail(`expected an object of options, not ${describe(options)}`)
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name)) {
      throw fail(
        `there is no option '${name}'.${didYouMean(name, Object.keys(kinds))} The options are ${namesOf(kinds)}`,
      )
    }
    const kind = kinds[name as keyof T]
    if (value !== undefined && !kind.fits(value)) throw fail(`${name} must be ${kind.expected}, not ${describe(value)}`)
  }
  return options
}

/**
 * Throws a TypeError for an argument that is no function.
 *
 * @param call the call as it should be, for the error: its last argument is the function
 */
export function checkFunction(fn: unknown, call: string): void {
  if (typeof fn !== 'function')
    throw new TypeError(`${call}: the last argument must be a function, not ${describe(fn)}`)
}

/** `a, b and c` */
const namesOf = (kinds: object): string =>
  Object.keys(kinds)
    .join(', ')
    .replace(/, ([^,]*)$/, ' and $1')
