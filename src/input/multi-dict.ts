import { toBoolean } from './booleans'

/** What makes a value of a text: `Number`, `Boolean`, or a function that throws or returns `undefined` if it can't. */
export type Conversion<T> = (text: string) => T

/**
 * Flask's MultiDict: the values of a query or a form by name, in their order; a name may have several.
 *
 * @example const page = request.args.get('page', Number, 1)
 */
export class MultiDict<V = string> implements Iterable<[string, V]> {
  readonly #pairs: readonly (readonly [string, V])[]
  /** So that to read each name of a long query does not look through all of it each time. */
  readonly #byName = new Map<string, V[]>()

  constructor(pairs: Iterable<readonly [string, V]>) {
    this.#pairs = [...pairs]
    for (const [name, value] of this.#pairs) {
      const values = this.#byName.get(name)
      if (values === undefined) this.#byName.set(name, [value])
      else values.push(value)
    }
  }

  /** The first value of a name. */
  get(name: string): V | undefined
  /**
   * The first value, converted. `undefined` if there is none, or if it can't be converted.
   *
   * @param type `Boolean` knows true, false, 1, 0, on, off
   */
  get<T>(name: string, type: Conversion<T>): T | undefined
  /** The same, or `otherwise`. */
  get<T, O>(name: string, type: Conversion<T> | undefined, otherwise: O): T | O
  get(name: string, type?: Conversion<unknown>, otherwise?: unknown): unknown {
    const value = this.#byName.get(name)?.[0]
    if (value === undefined) return otherwise
    return type === undefined ? value : (converted(value, type) ?? otherwise)
  }

  /** All values of a name. */
  getAll(name: string): V[]
  /** Those that can be converted. */
  getAll<T>(name: string, type: Conversion<T>): T[]
  getAll(name: string, type?: Conversion<unknown>): unknown[] {
    const values = [...(this.#byName.get(name) ?? [])]
    if (type === undefined) return values
    return values.map(value => converted(value, type)).filter(value => value !== undefined)
  }

  has(name: string): boolean {
    return this.#byName.has(name)
  }

  /** The names, each once. */
  keys(): string[] {
    return [...this.#byName.keys()]
  }

  /** How many values there are. */
  get size(): number {
    return this.#pairs.length
  }

  *[Symbol.iterator](): Iterator<[string, V]> {
    for (const [name, value] of this.#pairs) yield [name, value]
  }

  /** The first value of each name. */
  toJSON(): Record<string, V> {
    return Object.fromEntries([...this.#byName].map(([name, [value]]) => [name, value as V]))
  }
}

/** `undefined` for what can't be converted. */
function converted(value: unknown, type: Conversion<unknown>): unknown {
  if (typeof value !== 'string') return value
  if ((type as unknown) === Boolean) return toBoolean(value)
  if ((type as unknown) === Number && value.trim() === '') return undefined
  try {
    const made = type(value)
    return Number.isNaN(made) ? undefined : made
  } catch {
    return undefined
  }
}
