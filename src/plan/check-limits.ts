import { SetupError } from '../errors/setup-error'
import { resolveLimits, type Limits } from '../input/limits'

/** What is a part of a multipart form, with its limit. */
const PARTS = ['fileSize', 'fieldSize'] as const satisfies readonly (keyof Limits)[]

/**
 * Refuses a limit of a part that is above the limit of the whole form: a part of that size is never let in.
 *
 * @param around the limits that count where `own` leaves one out. A part's limit among them is refused, or not, where it is given
 */
export function checkReachable(own: Limits, around: Limits | undefined, where: string): void {
  const { form } = resolveLimits(around, own)
  const name = PARTS.find(each => (own[each] ?? 0) > form)
  if (name === undefined) return
  throw new SetupError(
    'BAD_OPTION',
    `${where}: limits: ${name} is ${own[name]} bytes, but form, the limit of the whole form, is ${form} bytes: a part of ` +
      `that size is refused. Raise form above ${name}.`,
  )
}
