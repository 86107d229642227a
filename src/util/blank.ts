/** Makes an object without own or inherited properties. Faster than `Object.create(null)`. */
export const Blank = function () {
  // Empty: only the prototype, set below, matters.
} as unknown as { new (): object; prototype: object }

Blank.prototype = Object.freeze(Object.create(null) as object)
