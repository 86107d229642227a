import type { Class } from '../decorators/types'
import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'

export type Resolve = (controller: Class) => object

/**
 * On a class of flaskoa's own: what checks the plan of its application. The option `resolve` is not called with such a class: a
 * container knows the user's classes only.
 */
export const BUILT_IN = Symbol('flaskoa:built-in')
/** On a class of flaskoa's own: its routes have a pipeline without the hooks around it. */
export const APART = Symbol('flaskoa:apart')

/** What `APART` says. */
export interface Apart {
  /** Whether the `@AfterResponse` methods around it run nevertheless. */
  readonly isLogged: boolean
}

/** What a class says with `APART`, if it does. */
export const apartOf = (controller: Class): Apart | undefined => (controller as MaybeBuiltIn)[APART]

/** What a class says with `BUILT_IN`, if it does. */
export const checkOf = (controller: Class): ((plan: object) => void) | undefined =>
  (controller as MaybeBuiltIn)[BUILT_IN]

type MaybeBuiltIn = Class & { readonly [BUILT_IN]?: (plan: object) => void; readonly [APART]?: Apart }

/** Makes the instance of a controller. @throws SetupError if that fails, or makes no object */
export function instantiate(controller: Class, resolve: Resolve): object {
  const label = className(controller)
  let instance: unknown
  try {
    instance = BUILT_IN in controller ? new controller() : resolve(controller)
  } catch (cause) {
    const reason = cause instanceof Error ? String(cause) : describe(cause)
    throw new SetupError(
      'BAD_INSTANCE',
      `${label} could not be constructed: ${reason}. If the constructor needs arguments, call it in ` +
        'the option resolve.',
      { cause },
    )
  }
  if (typeof instance === 'object' && instance !== null) {
    if (!('then' in instance)) return instance
    if (instance instanceof controller) throw thenable(label)
  }
  throw new SetupError(
    'BAD_INSTANCE',
    `${label}: the option resolve must return its instance, not ${describe(instance)}. Await what the instance needs ` +
      'before you call bootstrap.',
  )
}

/** Promises are refused where an instance is expected, and this instance looks like one wherever it is awaited. */
const thenable = (label: string) =>
  new SetupError(
    'BAD_INSTANCE',
    `${label}.then: an object with a member named then counts as a promise. Rename the member; a view keeps its endpoint ` +
      "with { endpoint: 'then' }.",
  )

/** Throws a SetupError unless `value` can be constructed. */
export function checkedClass(value: unknown, what: string): Class {
  if (typeof value === 'function' && value.prototype !== undefined) return value as Class
  throw new SetupError('NOT_A_CLASS', `expected a class for ${what}, not ${describe(value)}`)
}

/** The name of a class, for error messages. */
export const className = (controller: Class) => controller.name || '(anonymous class)'
