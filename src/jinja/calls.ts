import { describe } from '../errors/describe'
import { isThenable } from '../util/thenable'
import type { Scope } from './scope'
import { TemplateError } from './template-error'
import { promised } from './values'

/** What a call in a template passes. */
export interface Arguments {
  readonly positional: readonly unknown[]
  /** `undefined` if there are none. */
  readonly named: Readonly<Record<string, unknown>> | undefined
}

/** Called with the arguments as the template has them, and with its scope. Other functions get named ones as one object, last. */
const NATIVE = Symbol('flaskoa:native')

type NativeCall = (args: Arguments, scope: Scope) => unknown

/** Makes a function for templates only, such as a macro. */
export function native(name: string, call: NativeCall): object {
  const made = () => {
    throw new TemplateError(`${name}() can be called in templates only`)
  }
  return Object.defineProperty(Object.assign(made, { [NATIVE]: call }), 'name', { value: name })
}

/**
 * A function of JavaScript whose parameters have names: it is called with them in their order, however a template passes them.
 *
 * @param names all of them, in their order
 */
export function withParameters<Fn extends (...args: never[]) => unknown>(names: readonly string[], fn: Fn): Fn {
  const what = `${fn.name.replace(/^.*\./, '')}()`
  const defaults = Object.fromEntries(names.map(name => [name, undefined as unknown]))
  const call = (args: readonly unknown[]) => fn(...(args as never[]))
  const made = Object.assign((...args: readonly unknown[]) => call(args), {
    [NATIVE]: ((args: Arguments) => call(Object.values(bind(what, args, defaults)))) satisfies NativeCall,
  })
  return Object.defineProperty(made, 'name', { value: fn.name }) as unknown as Fn
}

export const isNative = (fn: object): boolean => NATIVE in fn

/** @param label the function, as it is written in the template */
export function callValue(fn: unknown, label: string, args: Arguments, scope: Scope): unknown {
  if (fn === undefined) throw new TemplateError(`'${label}' is undefined and cannot be called${scope.hintFor(label)}`)
  if (typeof fn !== 'function') throw new TemplateError(`'${label}' is ${describe(fn)}, and no function to be called`)
  const { [NATIVE]: call } = fn as { [NATIVE]?: NativeCall }
  const result = call === undefined ? callFunction(fn as (...args: unknown[]) => unknown, args) : call(args, scope)
  if (isThenable(result)) throw promised(result, `${label}() returned a promise`)
  return result
}

/** Calls a function of JavaScript: it gets the named arguments as one object behind the others. */
function callFunction(fn: (...args: unknown[]) => unknown, { positional, named }: Arguments): unknown {
  return named === undefined ? fn(...positional) : fn(...positional, { ...named })
}

/**
 * The arguments of a filter or a function by name.
 *
 * @param defaults the names in their order, with what they are if they are not given
 * @throws TemplateError for too many of them, for an unknown name, and for one that is given twice
 */
export function bind<Values extends object>(
  what: string,
  { positional, named = {} }: Arguments,
  defaults: Values,
): Values {
  const names = Object.keys(defaults)
  if (positional.length > names.length)
    throw new TemplateError(`${what} takes ${counted(names.length)}, and got ${positional.length}`)
  const unknown = Object.keys(named).find(name => !names.includes(name))
  if (unknown !== undefined)
    throw new TemplateError(`${what} has no argument '${unknown}': it has ${names.join(', ') || 'none'}`)
  const twice = names.slice(0, positional.length).find(name => Object.hasOwn(named, name))
  if (twice !== undefined) throw new TemplateError(`${what} got its argument '${twice}' twice`)
  const given = Object.fromEntries(positional.map((value, index) => [names[index] as string, value]))
  return { ...defaults, ...given, ...named }
}

const counted = (count: number) => (count === 0 ? 'no arguments' : `at most ${count} argument${count === 1 ? '' : 's'}`)
