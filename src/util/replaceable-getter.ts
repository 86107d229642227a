/** Adds a getter to what all contexts or requests of an application inherit. Other middleware may put a value of its own on each. */
export function addReplaceableGetter<T>(target: object, name: string, valueOf: (self: T) => unknown): void {
  const get = function (this: T) {
    return valueOf(this)
  }
  const set = function (this: object, value: unknown) {
    Object.defineProperty(this, name, { value, writable: true, configurable: true, enumerable: true })
  }
  Object.defineProperty(target, name, { get, set, configurable: true })
}
