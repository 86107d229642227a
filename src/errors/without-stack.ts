/**
 * Makes an error without a stack, which costs more than all the rest of a small request. For the answers to a client's mistake:
 * the place in the code is not what is wrong. What `make` calls must be none of the user's code, whose own errors need stacks.
 */
export function withoutStack<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 0
  } catch {
    return make() // its properties are frozen
  }
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
