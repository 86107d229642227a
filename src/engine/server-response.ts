import { ServerResponse as NodeResponse, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http'
import { RESPONSE_END, type ResponseEnd } from '../connection/response-end'
import { FieldList } from './field-list'

/** Under a symbol: whatever a middleware writes to the response must not meet it. */
const FIELDS = Symbol('flaskoa:fields')

/**
 * Node's response, with header fields kept as one list that goes to `writeHead` as it is: Node keeps an object of lists by
 * name (7 %). Whatever is asked for seldom is Node's again: the fields are handed to it first.
 */
export class ServerResponse extends NodeResponse {
  /** `undefined` once Node has them. */
  declare private [FIELDS]: FieldList | undefined;
  /** Called at each step, which costs less than listeners. */
  declare [RESPONSE_END]: ResponseEnd | undefined

  constructor(...args: ConstructorParameters<typeof NodeResponse>) {
    super(...args)
    this[FIELDS] = new FieldList()
    this[RESPONSE_END] = undefined
  }

  override emit(name: string, ...args: unknown[]): boolean {
    if (name === 'finish') this[RESPONSE_END]?.finished()
    else if (name === 'close') this[RESPONSE_END]?.closed()
    return super.emit(name, ...args)
  }

  override setHeader(name: string, value: number | string | readonly string[]): this {
    const fields = this[FIELDS]
    if (fields === undefined || this.headersSent) return super.setHeader(name, value)
    fields.set(name, value)
    return this
  }

  override getHeader(name: string): OutgoingHttpHeader | undefined {
    const fields = this[FIELDS]
    return fields === undefined || typeof name !== 'string' ? super.getHeader(name) : fields.get(name)
  }

  override hasHeader(name: string): boolean {
    const fields = this[FIELDS]
    return fields === undefined || typeof name !== 'string' ? super.hasHeader(name) : fields.has(name)
  }

  override removeHeader(name: string): void {
    const fields = this[FIELDS]
    if (fields !== undefined && !this.headersSent && typeof name === 'string') {
      // Node treats a response that has had fields otherwise than one that never had any.
      if (fields.size === 1 && fields.has(name)) this.handOver()
      else fields.remove(name)
    }
    super.removeHeader(name) // remembers which of its own fields not to send
  }

  override getHeaderNames(): string[] {
    return this[FIELDS]?.names() ?? super.getHeaderNames()
  }

  override getHeaders(): OutgoingHttpHeaders {
    return this[FIELDS]?.byName() ?? super.getHeaders()
  }

  getRawHeaderNames(): string[] {
    return this[FIELDS]?.rawNames() ?? rawHeaderNames.call(this)
  }

  override appendHeader(name: string, value: string | readonly string[]): this {
    this.handOver()
    return super.appendHeader(name, value)
  }

  override writeHead(status: number, ...rest: unknown[]): this {
    const fields = this[FIELDS]
    if (fields?.isPlain === true && rest.length === 0) super.writeHead(status, fields.entries())
    else {
      this.handOver()
      super.writeHead(status, ...(rest as []))
    }
    this[RESPONSE_END]?.headWritten()
    return this
  }

  /**
   * Sends a body that is all there. Node's `end(body)` hands its socket a list, the body and then nothing, to learn when that
   * is out; one text is less work (7 %).
   */
  endWith(body: string | Buffer): void {
    if (body.length === 0 || !this.isSentAsItIs) return void this.end(body)
    this.cork()
    this.write(body)
    this.uncork()
    this.end()
  }

  /** Whether Node writes a body neither in chunks nor counts it, and nobody has put a method of his own between. */
  private get isSentAsItIs(): boolean {
    const isNodes = this.end === NodeResponse.prototype.end && this.write === NodeResponse.prototype.write
    const fields = this[FIELDS]
    const hasLength = fields?.isPlain === true && fields.has('Content-Length')
    return isNodes && hasLength && this.socket !== null && !this.strictContentLength
  }

  /** All names and values in turn, which no later change reaches; `undefined` once Node has them. */
  snapshot(): readonly OutgoingHttpHeader[] | undefined {
    return this[FIELDS]?.snapshot()
  }

  /** Gives Node the fields: from here on it keeps them. */
  handOver(): void {
    const fields = this[FIELDS]
    if (fields === undefined || this.headersSent) return
    this[FIELDS] = undefined
    const entries = fields.entries()
    for (let index = 0; index < entries.length; index += 2) {
      super.setHeader(entries[index] as string, entries[index + 1] as OutgoingHttpHeader)
    }
  }
}

/** Node's, of all outgoing messages, which the types of a response leave out. */
const rawHeaderNames = Reflect.get(NodeResponse.prototype, 'getRawHeaderNames') as (this: NodeResponse) => string[]
