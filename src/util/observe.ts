import { isThenable } from './thenable'

const { then } = Promise.prototype // eslint-disable-line @typescript-eslint/unbound-method -- called with each

/**
 * Runs a function that may return a promise, and says what came of it: at once, or when the promise is settled. Returns and throws
 * what the function does.
 */
export function observe(
  run: () => unknown,
  returned: (result: unknown) => void,
  threw: (error: unknown) => void,
): unknown {
  let result: unknown
  try {
    result = run()
  } catch (error) {
    threw(error)
    throw error
  }
  const fulfilled = (value: unknown) => {
    returned(value)
    return value
  }
  if (!isThenable(result)) return fulfilled(result)
  const rejected = (error: unknown) => {
    threw(error)
    throw error
  }
  // As `await` does: not by a `then` that was put on the promise.
  return then.call(Promise.resolve(result), fulfilled, rejected)
}
