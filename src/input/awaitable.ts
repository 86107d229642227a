import { toError } from '../errors/describe'

/**
 * The promise of what `step` returns, or throws. If nothing awaits it, its rejection is lost and does not end the process: it
 * may be a client's mistake.
 */
export function awaitable<T>(step: () => T | Promise<T>): Promise<T> {
  let promise: Promise<T>
  try {
    promise = Promise.resolve(step())
  } catch (error) {
    promise = Promise.reject(toError(error))
  }
  promise.then(undefined, () => undefined)
  return promise
}
