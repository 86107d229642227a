import { validateHeaderValue, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http'
import { fieldName, isPlainFieldValue, validFieldName } from './field-names'

/** The header fields of one response until they are sent. */
export class FieldList {
  /** Names and values in turn, as Node's `writeHead` takes them. */
  #fields: OutgoingHttpHeader[] = []
  /** The names in lower case, in the same order. */
  #keys: string[] = []
  /** How many entries of `#fields` a snapshot has too: a change to one of these is made to a copy. Further ones are just added. */
  #shared = 0
  /** Whether all values are of a kind that `writeHead` takes as `setHeader` does. */
  isPlain = true

  get size(): number {
    return this.#keys.length
  }

  has(name: string): boolean {
    return this.#keys.includes(fieldName(name).key)
  }

  get(name: string): OutgoingHttpHeader | undefined {
    const index = this.#keys.indexOf(fieldName(name).key)
    if (index === -1) return undefined
    const value = this.#fields[2 * index + 1]
    // ctx.cookies pushes a further cookie onto the list that it gets here.
    return Array.isArray(value) ? this.#own(index)[2 * index + 1] : value
  }

  /** @throws what Node's `setHeader` throws */
  set(name: string, value: number | string | readonly string[]): void {
    const known = validFieldName(name)
    if (value !== known.plain && !isPlainFieldValue(value, known)) {
      validateHeaderValue(name, value as string)
      this.isPlain = false
    }
    const keys = this.#keys
    const index = keys.indexOf(known.key)
    if (index === -1) {
      keys.push(known.key)
      this.#fields.push(name, value as OutgoingHttpHeader)
    } else {
      const fields = this.#own(index)
      fields[2 * index] = name
      fields[2 * index + 1] = value as OutgoingHttpHeader
    }
  }

  remove(name: string): void {
    const index = this.#keys.indexOf(fieldName(name).key)
    if (index === -1) return
    this.#own(index).splice(2 * index, 2)
    this.#keys.splice(index, 1)
  }

  /** The names in lower case. */
  names(): string[] {
    return [...this.#keys]
  }

  /** The names as they were written. */
  rawNames(): string[] {
    return this.#keys.map((_, index) => String(this.#fields[2 * index]))
  }

  byName(): OutgoingHttpHeaders {
    const headers = Object.create(null) as OutgoingHttpHeaders
    const fields = this.ownEntries()
    this.#keys.forEach((key, index) => (headers[key] = fields[2 * index + 1]))
    return headers
  }

  /** Names and values in turn, in the array that this list itself changes. */
  entries(): OutgoingHttpHeader[] {
    return this.#fields
  }

  /** The same, in an array that no snapshot has. */
  ownEntries(): OutgoingHttpHeader[] {
    return this.#own(0)
  }

  /** Names and values in turn, in an array whose present entries later changes leave as they are. They may add further ones. */
  snapshot(): readonly OutgoingHttpHeader[] {
    this.#shared = this.#fields.length
    return this.#fields
  }

  /** The entries, of which the field at `index` may be changed. */
  #own(index: number): OutgoingHttpHeader[] {
    if (2 * index >= this.#shared) return this.#fields
    this.#shared = 0
    return (this.#fields = this.#fields.map(field => (Array.isArray(field) ? [...field] : field)))
  }
}
