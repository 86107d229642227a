import { validateHeaderValue, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http'
import { isPlain, nameOf, validated } from './field-names'

/** The header fields of one response, as long as they can change. */
export class FieldList {
  /** Names and values in turn, as Node's `writeHead` takes them. */
  private fields: OutgoingHttpHeader[] = []
  /** The names in lower case, in the same order. */
  private keys: string[] = []
  /** Whether somebody else has these lists, so that a change is made to copies. */
  private isShared = false
  /** Whether all values are of a kind that `writeHead` takes as `setHeader` does. */
  isPlain = true

  get size(): number {
    return this.keys.length
  }

  has(name: string): boolean {
    return this.keys.includes(nameOf(name).key)
  }

  get(name: string): OutgoingHttpHeader | undefined {
    const index = this.keys.indexOf(nameOf(name).key)
    if (index === -1) return undefined
    const value = this.fields[2 * index + 1]
    // Whoever adds a cookie pushes it onto the very list that is there.
    return Array.isArray(value) ? this.own()[2 * index + 1] : value
  }

  /** @throws what Node's `setHeader` throws */
  set(name: string, value: number | string | readonly string[]): void {
    const known = validated(name)
    if (value !== known.plain && !isPlain(value, known)) {
      validateHeaderValue(name, value as string)
      this.isPlain = false
    }
    const fields = this.own()
    const { keys } = this
    const index = keys.indexOf(known.key)
    if (index === -1) {
      keys.push(known.key)
      fields.push(name, value as OutgoingHttpHeader)
    } else {
      fields[2 * index] = name
      fields[2 * index + 1] = value as OutgoingHttpHeader
    }
  }

  remove(name: string): void {
    const index = this.keys.indexOf(nameOf(name).key)
    if (index === -1) return
    this.own().splice(2 * index, 2)
    this.keys.splice(index, 1)
  }

  /** In lower case. */
  names(): string[] {
    return [...this.keys]
  }

  /** As they were written. */
  rawNames(): string[] {
    return this.keys.map((_, index) => String(this.fields[2 * index]))
  }

  byName(): OutgoingHttpHeaders {
    const headers = Object.create(null) as OutgoingHttpHeaders
    const fields = this.own()
    this.keys.forEach((key, index) => (headers[key] = fields[2 * index + 1]))
    return headers
  }

  /** Names and values in turn. They are the list's own. */
  entries(): OutgoingHttpHeader[] {
    return this.fields
  }

  /** The same, which no later change reaches. */
  snapshot(): readonly OutgoingHttpHeader[] {
    if (this.fields.length === 0) return NO_FIELDS
    this.isShared = true
    return this.fields
  }

  private own(): OutgoingHttpHeader[] {
    if (!this.isShared) return this.fields
    this.isShared = false
    this.keys = [...this.keys]
    return (this.fields = this.fields.map(field => (Array.isArray(field) ? [...field] : field)))
  }
}

const NO_FIELDS: readonly OutgoingHttpHeader[] = Object.freeze([])
