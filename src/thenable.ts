/** Whether a method's result must be awaited. Awaiting only promises keeps a chain of sync methods one tick long. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}
