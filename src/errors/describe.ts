import { types } from 'node:util'

/** The errors that stand for errors whose properties can't be read: one for each, so that it is reported once. */
const standIns = new WeakMap<object, Error>()

/** Returns a thrown error, or wraps a thrown value that is not an Error in one, as its `cause` [5.12]. */
export function toError(thrown: unknown): Error {
  if (!isError(thrown)) return wrapped(thrown)
  return isReadable(thrown) ? thrown : standIn(thrown)
}

/**
 * Returns what was thrown, or if its properties can't be read (a getter or a proxy throws), an Error in its place, with the
 * original as its `cause`. For code that does not catch what reading them throws, such as Koa's and Node's.
 */
export function readable(thrown: unknown): unknown {
  if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) return thrown
  // Node reads the stack of an error that destroys a stream.
  return isReadable(thrown) && hasReadableStack(thrown) ? thrown : standIn(thrown)
}

/** The stack of an error that `toError` has returned, for a log: its name and message if the stack can't be read. */
export function stackOf(error: Error): string {
  try {
    const { stack } = error as { stack?: unknown }
    return typeof stack === 'string' ? stack : String(error)
  } catch {
    return `${asText(error.name)}: ${asText(error.message)}`
  }
}

/** What such an error says, in a line of a log: its name if it has no message. */
export function textOf(error: Error): string {
  const { name, message } = error as { name: unknown; message: unknown }
  return asText(message || name, error)
}

/** A value as a text; for an object that has none, the description of `owner`. */
export function asText(value: unknown, owner = value): string {
  try {
    return String(value)
  } catch {
    return describe(owner)
  }
}

function standIn(thrown: object): Error {
  const known = standIns.get(thrown)
  if (known !== undefined) return known
  const made = wrapped(thrown)
  standIns.set(thrown, made)
  return made
}

function wrapped(thrown: unknown): Error {
  const problem = isError(thrown)
    ? 'an error was thrown whose properties cannot be read'
    : 'a value that is not an Error was thrown'
  return new Error(`${problem}: ${describe(thrown)}`, { cause: thrown })
}

/** Whether a value is an Error, of any realm. For a revoked proxy, `instanceof` throws. */
export function isError(value: unknown): value is Error {
  try {
    return types.isNativeError(value) || value instanceof Error
  } catch {
    return false
  }
}

function isReadable(value: object): boolean {
  try {
    const [headers] = whatIsRead(value as Record<string, unknown>)
    // The page of an error has these fields, and handlers are found by an error's classes.
    if (headers !== undefined) Object.entries(Object(headers) as object)
    for (let owner: object | null = value; owner !== null; owner = Object.getPrototypeOf(owner) as object | null)
      Reflect.get(owner, 'constructor')
    return true
  } catch {
    return false
  }
}

/** What flaskoa, Koa and Node read of an error before they handle it. Without a list of names: V8 makes these reads faster. */
function whatIsRead(error: Record<string, unknown>): readonly unknown[] {
  const { headers, name, message, code, status, statusCode, expose, cause, errors } = error
  return [headers, name, message, code, status, statusCode, expose, cause, errors]
}

function hasReadableStack(error: object): boolean {
  try {
    Reflect.get(error, 'stack')
    return true
  } catch {
    return false
  }
}

/** Describes a value for an error message in a few words. Never throws. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  try {
    if (typeof value === 'function') return `the function ${value.name || '(anonymous)'}`
    if (typeof value !== 'object' || value === null) return String(value)
    const { name } = value.constructor
    return name === '' ? 'an object' : `an object of class ${name}`
  } catch {
    return typeof value === 'function' ? 'a function' : 'an object' // without a constructor, or with one that can't be read
  }
}
