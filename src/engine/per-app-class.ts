// `any`: who constructs it knows what it takes.
type Constructor = new (...args: any[]) => object

/**
 * A class of one application's own, so that what its users add to `app.context`, `app.request` or `app.response` stays
 * with that application, as with Koa; and that of any other object they put in its place.
 */
export class PerAppClass<Base extends Constructor> {
  prototype: object
  private current: Base

  constructor(private readonly base: Base) {
    this.current = extended(base)
    this.prototype = this.current.prototype as object
  }

  /** The class whose objects inherit from `prototype`. */
  classOf(prototype: object): Base {
    if (prototype === this.prototype) return this.current
    this.current = extended(this.base)
    this.prototype = prototype
    Object.setPrototypeOf(this.current.prototype, prototype)
    return this.current
  }
}

const extended = <Base extends Constructor>(base: Base): Base => class extends base {}
