import createError from 'http-errors'
import statuses from 'statuses'
import { standardClass, type HttpError } from './http-error'

/**
 * Makes an error without a stack, which costs more than all the rest of a small request. For the answers to a client's mistake:
 * the place in the code is not what is wrong. What `make` calls must be none of the user's code, whose own errors need stacks.
 *
 * @param withStack makes it where stacks can't be switched off
 */
export function withoutStack<E extends Error>(make: () => E, withStack = make): E {
  const { stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 0
  } catch {
    return withStack() // its properties are frozen
  }
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/**
 * What `createError(status, message)` makes, without a stack. http-errors asks for three stacks, also where they are empty, which
 * costs as much as a third of a small request.
 *
 * @param status one that HTTP names
 */
export function httpErrorWithoutStack(status: number, message = statuses.message[status] as string): HttpError {
  return withoutStack(
    () => dressed(new Error(), status, message),
    () => createError(status, message),
  )
}

/** Makes a bare error what http-errors' class of a status makes of one. */
function dressed(error: Error, status: number, message: string): HttpError {
  const { name, prototype } = standardClass(status) as { readonly name: string; readonly prototype: object }
  Object.setPrototypeOf(error, prototype)
  error.message = message // enumerable, as there
  return Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true }) as HttpError
}
