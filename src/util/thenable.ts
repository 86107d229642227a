/** Whether a method's result must be awaited. Awaiting only promises keeps a chain of sync methods one tick long. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

/** The result of what must be synchronous. Throws a TypeError that says who is not, and `why` that can't be. */
export function sync<T>(result: T, who: string, why: string): T {
  if (!isThenable(result)) return result
  result.then(undefined, () => undefined) // else its failure would end the process
  throw new TypeError(`${who} is asynchronous: ${why}`)
}
