/** What `namespace()` makes: an object whose attributes `{% set %}` can change from a loop. */
export class Namespace {
  [name: string]: unknown

  constructor(values: object) {
    for (const [name, value] of Object.entries(values)) setAttribute(this, name, value)
  }
}

/** Not by an assignment, which changes the prototype for the name `__proto__`. */
export function setAttribute(space: Namespace, name: string, value: unknown): void {
  Object.defineProperty(space, name, { value, writable: true, enumerable: true, configurable: true })
}
