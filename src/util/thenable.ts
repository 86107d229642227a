/** Whether a method's result must be awaited. If nothing else is awaited, a chain of sync methods runs in one tick. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

/**
 * Returns the result of a function that must be synchronous. Throws a TypeError for a promise.
 *
 * @param name the function, for the error
 * @param why why it must be synchronous, for the error
 */
export function sync<T>(result: T, name: string, why: string): T {
  if (!isThenable(result)) return result
  result.then(undefined, () => undefined) // without it, a rejection would end the process
  throw new TypeError(`${name} is asynchronous: ${why}`)
}
