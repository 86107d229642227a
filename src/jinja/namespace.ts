/** What `namespace()` makes: an object whose attributes `{% set %}` can change from a loop. */
export class Namespace {
  [name: string]: unknown

  constructor(values: object) {
    Object.assign(this, values)
  }
}
