/**
 * Makes an object without own properties. Faster than `Object.create(null)`. It inherits `toString` only, which texts such
 * as `${g}`, and templates, call.
 */
export const Blank = function () {
  // Empty: only the prototype, set below, matters.
} as unknown as { new (): object; prototype: object }

// eslint-disable-next-line @typescript-eslint/unbound-method -- inherited, and called on the object
const { toString } = Object.prototype
// Writable, so that a value may have this name.
const inherited = { toString: { value: toString, writable: true } }
Blank.prototype = Object.preventExtensions(Object.create(null, inherited) as object)
