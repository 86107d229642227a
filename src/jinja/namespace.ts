import { setProperty } from './dictionaries'

/** What `namespace()` makes: an object whose attributes `{% set %}` can change from a loop. */
export class Namespace {
  [name: string]: unknown

  constructor(values: object) {
    for (const [name, value] of Object.entries(values)) setProperty(this, name, value)
  }
}
