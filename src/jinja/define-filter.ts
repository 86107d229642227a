import { describe } from '../errors/describe'
import { bind, native } from './calls'
import type { Scope } from './scope'
import { TemplateError } from './template-error'

/** The arguments of a filter, as a template may pass them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each filter says what it makes of its arguments
type Given = Record<string, any>

/**
 * Makes a filter, or a test.
 *
 * @param defaults its arguments in their order, with what they are if they are not given
 */
export function defineFilter<Values extends Given>(
  name: string,
  defaults: Values,
  run: (value: unknown, args: Values, scope: Scope) => unknown,
): object {
  return native(name, ({ positional: [value, ...positional], named }, scope) =>
    run(value, bind(`${name}()`, { positional, named }, defaults), scope),
  )
}

/** An argument that is not given. */
export const NOTHING: unknown = null

/** A number, also one that is written as a text. @throws TemplateError for any other value */
export function numberOf(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && !Number.isNaN(number)) return number
  if (typeof number === 'bigint' || typeof number === 'boolean') return Number(number)
  throw new TemplateError(`${describe(value)} is not a number`)
}
