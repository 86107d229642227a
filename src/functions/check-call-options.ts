import { describe } from '../errors/describe'
import { didYouMean } from '../errors/did-you-mean'
import { isRecord } from '../util/is-record'

export interface OptionKind {
  readonly expected: string
  readonly fits: (value: unknown) => boolean
}

/**
 * Checks the options of a function that is called in a request: a wrong name or value would quietly give another result.
 *
 * @throws TypeError
 */
export function checkCallOptions<Options extends object>(
  options: Options,
  kinds: Readonly<Record<keyof Options & string, OptionKind>>,
  where: string,
): void {
  if (!isRecord(options)) throw new TypeError(`${where}: expected an object of options, not ${describe(options)}`)
  const known = Object.keys(kinds)
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(kinds, name)) {
      const list = `${known.slice(0, -1).join(', ')} and ${known.at(-1)}`
      throw new TypeError(`${where}: there is no option '${name}'.${didYouMean(name, known)} The options are ${list}`)
    }
    const { expected, fits } = kinds[name as keyof Options & string]
    if (value !== undefined && !fits(value)) {
      throw new TypeError(`${where}: ${name} must be ${expected}, not ${describe(value)}`)
    }
  }
}
