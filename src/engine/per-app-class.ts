// `any`: each class has its own arguments, which its constructor's caller knows.
type Constructor = new (...args: any[]) => object

/**
 * One application's own subclass of a class. What its users add to `app.context`, `app.request` or `app.response` stays with
 * that application, as in Koa. They may also replace these objects: objects made after that inherit from the new one.
 */
export class PerAppClass<Base extends Constructor> {
  prototype: object
  readonly #base: Base
  #current: Base

  constructor(base: Base) {
    this.#base = base
    this.#current = extended(base)
    this.prototype = this.#current.prototype as object
  }

  /** The class whose objects inherit from `prototype`. */
  classOf(prototype: object): Base {
    if (prototype === this.prototype) return this.#current
    this.#current = extended(this.#base)
    this.prototype = prototype
    Object.setPrototypeOf(this.#current.prototype, prototype)
    return this.#current
  }
}

const extended = <Base extends Constructor>(base: Base): Base => class extends base {}
