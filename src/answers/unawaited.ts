import { describe } from '../errors/describe'
import { isRecord } from '../util/is-record'
import { isThenable } from '../util/thenable'

/**
 * Debug and test mode: throws for a promise inside of a value that is to be JSON, which writes `{}` for it. It costs as much as
 * the JSON itself, so other modes leave it out.
 *
 * @param by the method that returned the value, for the error's text
 * @throws TypeError that names the property
 */
export function assertAwaited(value: unknown, by: string): void {
  const path = isLiteral(value) ? pathOfPromise(value) : undefined
  if (path === undefined) return
  throw new TypeError(`${by} returned ${describe(value)} that JSON cannot express: ${path} is a promise. Await it.`)
}

const isLiteral = (value: unknown): value is object =>
  Array.isArray(value) || (isRecord(value) && Object.getPrototypeOf(value) === Object.prototype)

/** `items.0.user`; `undefined` if there is no promise. */
function pathOfPromise(value: object): string | undefined {
  const paths = new Map<unknown, string>([[value, '']])
  let found: string | undefined
  try {
    JSON.stringify(value, function (this: unknown, key: string, each: unknown) {
      const path = (paths.get(this) ?? '') + key
      if (isThenable(each)) found ??= path
      // The error is reported; the promise's own must not end the process besides.
      if (each instanceof Promise) each.catch(() => undefined)
      if (each !== value) paths.set(each, `${path}.`)
      return each
    })
  } catch {
    // JSON can't express something else, which is an error when the value is sent.
  }
  return found
}
