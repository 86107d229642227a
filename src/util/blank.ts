/** An object without any property, inherited ones neither, and faster than one from `Object.create(null)`. */
export const Blank = function () {
  // Nothing to set up: its prototype is all there is to it.
} as unknown as { new (): object; prototype: object }

Blank.prototype = Object.freeze(Object.create(null) as object)
