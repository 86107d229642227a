import { describe } from '../errors/describe'
import { withParameters } from '../jinja/calls'
import { isName } from '../jinja/string-kinds'

/** Whether these can be names of parameters, each once. */
export const areNames = (names: unknown): names is readonly string[] =>
  Array.isArray(names) &&
  new Set(names).size === names.length &&
  names.every(name => typeof name === 'string' && isName(name))

/**
 * Gives the parameters of a function names, so that a template may pass each by its place or by its name, as a function of Python gets
 * them: `filters: { money: templateFunction(['cents', 'currency'], (cents, currency = '€') => …) }`.
 *
 * @param names of all parameters, in their order; those of a filter or a test begin with the value
 * @returns a function that is called in the same way
 * @throws TypeError for names that a template cannot write
 */
export function templateFunction<Fn extends (...args: never[]) => unknown>(names: readonly string[], fn: Fn): Fn {
  if (!areNames(names))
    throw new TypeError(
      `templateFunction(names, fn): the names must be a list, such as ['cents', 'currency'], each once, not ${describe(names)}`,
    )
  if (typeof (fn as unknown) !== 'function')
    throw new TypeError(`templateFunction(names, fn): the second argument must be a function, not ${describe(fn)}`)
  return withParameters(names, fn)
}
