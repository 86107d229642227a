import { UsageError } from './failures'

/**
 * Reads a number of an option or a variable.
 *
 * @param command for the error
 * @throws UsageError for what is no whole number, too small or too large
 */
export function numberFrom(
  name: string,
  given: string | number | boolean,
  [least, most]: readonly [number, number],
  command: string,
): number {
  const number = Number(given)
  if (/^\d+$/.test(String(given)) && number >= least && number <= most) return number
  const expected = `a whole number from ${least} to ${most}`
  throw new UsageError(`${name} must be ${expected}, not ${String(given)}. See flaskoa ${command} --help.`)
}
