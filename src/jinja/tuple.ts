/** What a template writes as `(1, 2)`: a list that prints with round brackets, and whose items are the values of a `%`. */
export class Tuple extends Array<unknown> {
  /** What `map`, `filter` and `slice` make of it is a list. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }
}

/** Not by the constructor, for which one number is a length. */
export const tuple = (items: Iterable<unknown>): Tuple => Tuple.from(items)

/** A list of the same kind as another one. */
export const likeList = (list: readonly unknown[], items: Iterable<unknown>): unknown[] =>
  list instanceof Tuple ? tuple(items) : [...items]
