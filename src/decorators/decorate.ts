import type { Class } from './types'
import { badCall } from './bad-call'
import { SetupError } from '../errors/setup-error'
import { isRecord } from '../util/is-record'

/** A decorator for methods: bare as `BeforeRequest`, called as `Get('/')`, or of another library. */
// `any`: the arguments differ between the dialects, and only a compiler compares a method with what its decorator expects.
export type AnyMethodDecorator = (...args: any[]) => unknown

/**
 * Decorates the methods of a class, for JavaScript without a compiler. The order of the names counts as the order of the
 * source. Of several decorators for one method the last is applied first, as if they stood one below the other.
 *
 * @example decorate(App, { loadUser: BeforeRequest, index: Get('/') })
 * @returns the class
 */
export function decorate<C extends Class>(
  controller: C,
  methods: { readonly [Name in keyof InstanceType<C>]?: AnyMethodDecorator | readonly AnyMethodDecorator[] },
): C {
  if (typeof controller !== 'function' || !isRecord(methods)) throw badArguments()
  for (const name of Reflect.ownKeys(methods)) decorateMethod(controller, name, [methods[name as never]].flat())
  return controller
}

/** Calls the decorators as compilers do in the legacy dialect. A decorator may return another descriptor. */
function decorateMethod(controller: Class, name: string | symbol, decorators: readonly unknown[]): void {
  const prototype = controller.prototype as object
  const descriptor = descriptorOf(prototype, name)
  if (descriptor === undefined || name === 'constructor') throw missing(controller, name)
  let current = descriptor
  for (const decorator of decorators.toReversed()) {
    if (typeof decorator !== 'function') throw badArguments()
    current = ((decorator as AnyMethodDecorator)(prototype, name, current) as PropertyDescriptor | undefined) ?? current
  }
  if (current !== descriptor) Object.defineProperty(prototype, name, current)
}

/** A method's own descriptor, or the inherited one. */
function descriptorOf(prototype: object, name: PropertyKey): PropertyDescriptor | undefined {
  for (let owner: object | null = prototype; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name)
    if (descriptor !== undefined) return descriptor
  }
  return undefined
}

const badArguments = () =>
  badCall(
    'decorate',
    'a class, and an object with a decorator or a list of decorators for each method',
    "decorate(App, { loadUser: BeforeRequest, index: Get('/') })",
  )

function missing(controller: Class, key: PropertyKey): SetupError {
  const [label, name] = [controller.name, String(key)]
  const why = Object.hasOwn(controller, key)
    ? 'it is static. Only instance methods can run for a request: leave out static.'
    : `${label} has no such method.`
  return new SetupError('NOT_A_METHOD', `${label}.${name}: decorate got a decorator for it, but ${why}`)
}
