import { toError } from '../errors/describe'

/** The properties that Koa writes to an error. */
const WRITTEN = ['status', 'headerSent']

/** Koa sets properties on errors and JSON-stringifies thrown values that are none: returns an object that survives both. */
export function errorForKoa(thrown: unknown): Error {
  if (thrown instanceof Error) return isWritable(thrown) ? thrown : writableView(thrown)
  try {
    JSON.stringify(thrown)
    return thrown as Error
  } catch {
    return toError(thrown)
  }
}

function isWritable(error: Error): boolean {
  return Object.isExtensible(error) && WRITTEN.every(name => canWrite(error, name))
}

/** Whether an assignment succeeds: a class may have a getter alone. */
function canWrite(error: Error, name: string): boolean {
  for (let owner: unknown = error; owner !== null; owner = Object.getPrototypeOf(owner)) {
    const property = Object.getOwnPropertyDescriptor(owner, name)
    if (property !== undefined) return property.writable === true || property.set !== undefined
  }
  return true
}

/** The errors behind the objects that `writableView` has made. */
const originals = new WeakMap<object, Error>()

/** An object with the properties of an error that can't be written. */
function writableView(error: Error): Error {
  const own = WRITTEN.map(name => [name, { value: Reflect.get(error, name) as unknown, writable: true }])
  const view = Object.create(error, Object.fromEntries(own) as PropertyDescriptorMap) as Error
  originals.set(view, error)
  return view
}

/** The error itself, if Koa was given another object in its place. */
export const originalOf = <T>(thrown: T): T | Error => originals.get(thrown as object) ?? thrown
