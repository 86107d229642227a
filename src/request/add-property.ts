import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'

/** Where flaskoa puts methods of its own, and what else they could be of. */
interface Place {
  /** `request`: what all requests of an application inherit. */
  readonly name: 'request' | 'response'
  /** What to use in the place of the library that adds the property. */
  readonly instead: string
}

/**
 * Adds a property to what the requests or responses of an application inherit.
 *
 * @throws SetupError if another library has put something of such a name there
 */
export function addProperty(
  target: object,
  name: string,
  property: PropertyDescriptor,
  { name: what, instead }: Place,
) {
  const own = Object.getOwnPropertyDescriptor(target, name)
  if (own !== undefined && own.value === property.value && own.get === property.get) return
  if (name in target) {
    throw new SetupError(
      'BAD_OPTION',
      `the application's ${what} already has a property '${name}', ${describe((target as Record<string, unknown>)[name])}, ` +
        `where flaskoa puts a method of its own. Leave out the library that adds it: ${instead}`,
    )
  }
  Object.defineProperty(target, name, { ...property, configurable: true })
}
