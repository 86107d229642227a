import { ServerResponse as NodeResponse, validateHeaderValue } from 'node:http'
import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http'
import { CONTENT_LENGTH, isPlain, nameOf, validated } from './field-names'

/**
 * Node's response, with header fields kept as one list that goes to `writeHead` as it is: Node keeps an object of lists by
 * name (7 %). Whatever is asked for seldom is Node's again: the fields are handed to it first.
 */
export class ServerResponse extends NodeResponse {
  /** Names and values in turn, as Node's `writeHead` takes them; `undefined` once Node has them. */
  declare private fields: OutgoingHttpHeader[] | undefined
  /** The names in lower case, in the same order. */
  declare private names: string[]
  /** Whether all values are of a kind that `writeHead` takes as `setHeader` does. */
  declare private plain: boolean
  /** Whether somebody else has these lists, so that a change is made to copies. */
  declare private shared: boolean
  /** Called when the response is out or its connection has closed: costs less than a listener. */
  declare whenClosed: ((response: this) => void) | undefined

  constructor(...args: ConstructorParameters<typeof NodeResponse>) {
    super(...args)
    this.fields = []
    this.names = []
    this.plain = true
    this.shared = false
    this.whenClosed = undefined
  }

  override emit(name: string, ...given: unknown[]): boolean {
    if (name === 'close') this.whenClosed?.(this)
    return super.emit(name, ...given)
  }

  override setHeader(name: string, value: number | string | readonly string[]): this {
    if (this.fields === undefined || this.headersSent) return super.setHeader(name, value)
    const known = validated(name)
    if (value !== known.plain && !isPlain(value, known)) {
      validateHeaderValue(name, value as string)
      this.plain = false
    }
    const fields = this.ownFields(this.fields)
    const { names } = this
    const index = names.indexOf(known.key)
    if (index === -1) {
      names.push(known.key)
      fields.push(name, value as OutgoingHttpHeader)
    } else {
      fields[2 * index] = name
      fields[2 * index + 1] = value as OutgoingHttpHeader
    }
    return this
  }

  override getHeader(name: string): OutgoingHttpHeader | undefined {
    if (this.fields === undefined || typeof name !== 'string') return super.getHeader(name)
    const index = this.names.indexOf(nameOf(name).key)
    if (index === -1) return undefined
    const value = this.fields[2 * index + 1]
    // Whoever adds a cookie pushes it onto the very list that is there.
    return Array.isArray(value) ? this.ownFields(this.fields)[2 * index + 1] : value
  }

  override hasHeader(name: string): boolean {
    if (this.fields === undefined || typeof name !== 'string') return super.hasHeader(name)
    return this.names.includes(nameOf(name).key)
  }

  override removeHeader(name: string): void {
    const isOwn = this.fields !== undefined && !this.headersSent && typeof name === 'string'
    const index = isOwn ? this.names.indexOf(nameOf(name).key) : -1
    // Node treats a response that has had fields otherwise than one that never had any.
    if (this.names.length === 1 && index === 0) this.handOver()
    else if (index !== -1) {
      this.ownFields(this.fields as OutgoingHttpHeader[]).splice(2 * index, 2)
      this.names.splice(index, 1)
    }
    super.removeHeader(name) // remembers which of its own fields not to send
  }

  override getHeaderNames(): string[] {
    return this.fields === undefined ? super.getHeaderNames() : [...this.names]
  }

  override getHeaders(): OutgoingHttpHeaders {
    if (this.fields === undefined) return super.getHeaders()
    const headers = Object.create(null) as OutgoingHttpHeaders
    const fields = this.ownFields(this.fields)
    this.names.forEach((name, index) => (headers[name] = fields[2 * index + 1]))
    return headers
  }

  getRawHeaderNames(): string[] {
    if (this.fields === undefined) return rawHeaderNames.call(this)
    return this.names.map((_, index) => String(this.fields?.[2 * index]))
  }

  override appendHeader(name: string, value: string | readonly string[]): this {
    this.handOver()
    return super.appendHeader(name, value)
  }

  override writeHead(status: number, ...rest: unknown[]): this {
    const { fields } = this
    if (fields === undefined || rest.length > 0 || !this.plain) {
      this.handOver()
      return super.writeHead(status, ...(rest as []))
    }
    return super.writeHead(status, fields)
  }

  /**
   * Sends a body that is all there. Node's `end(body)` hands its socket a list, the body and then nothing, to learn when that
   * is out; one text is less work (7 %).
   */
  endWith(body: string | Buffer): void {
    // Whoever has put a method in the place of Node's is given the body by `end`, as Koa gives it.
    const isNodes = this.end === NodeResponse.prototype.end && this.write === NodeResponse.prototype.write
    const isShort = isNodes && this.socket !== null && body.length > 0 && this.plain && this.hasOwnLength
    if (!isShort) return void this.end(body)
    this.cork()
    this.write(body)
    this.uncork()
    this.end()
  }

  /** Whether the body's length is among the fields, so that it is not sent in chunks. */
  private get hasOwnLength(): boolean {
    return this.fields !== undefined && this.names.includes(CONTENT_LENGTH.key)
  }

  /** All names and values in turn, which no later change reaches; `undefined` once Node has them. */
  snapshot(): readonly OutgoingHttpHeader[] | undefined {
    if (this.fields?.length === 0) return NO_FIELDS
    this.shared = true
    return this.fields
  }

  private ownFields(fields: OutgoingHttpHeader[]): OutgoingHttpHeader[] {
    if (!this.shared) return fields
    this.shared = false
    this.names = [...this.names]
    return (this.fields = fields.map(field => (Array.isArray(field) ? [...field] : field)))
  }

  /** Gives Node the fields: from here on it keeps them. */
  private handOver(): void {
    const { fields } = this
    if (fields === undefined || this.headersSent) return
    this.fields = undefined
    for (let index = 0; index < fields.length; index += 2) {
      super.setHeader(fields[index] as string, fields[index + 1] as OutgoingHttpHeader)
    }
  }
}

const NO_FIELDS: readonly OutgoingHttpHeader[] = Object.freeze([])

/** Node's, of all outgoing messages, which the types of a response leave out. */
const rawHeaderNames = Reflect.get(NodeResponse.prototype, 'getRawHeaderNames') as (this: NodeResponse) => string[]
