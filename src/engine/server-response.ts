import { ServerResponse as NodeResponse, type OutgoingHttpHeader, type OutgoingHttpHeaders } from 'node:http'
import { isLong } from '../connection/confirmed-body'
import { RESPONSE_END } from '../connection/follow-response'
import type { ResponseEnd } from '../connection/response-end'
import { FieldList } from './field-list'
import { enumerateLikeParent } from './like-parent'

/** A symbol, so that no property that a middleware adds to the response can overwrite it. */
const FIELDS = Symbol('flaskoa:fields')

/**
 * Node's response, with its header fields in one list, which goes to `writeHead` as it is: Node keeps an object of lists by
 * name (7 %). For rare methods the fields are passed to Node first.
 */
export class ServerResponse extends NodeResponse {
  /** `undefined` once Node keeps the fields. */
  declare private [FIELDS]: FieldList | undefined;
  /** Called at each step, which costs less than listeners. */
  declare [RESPONSE_END]: ResponseEnd | null

  constructor(...args: ConstructorParameters<typeof NodeResponse>) {
    super(...args)
    this[FIELDS] = new FieldList()
    this[RESPONSE_END] = null
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

  // Koa's code for old versions of Node, which koa-onerror has as well, writes this property to remove all fields.
  get _headers(): unknown {
    this.handOver()
    return Reflect.get(NodeResponse.prototype, '_headers', this) as unknown
  }

  set _headers(headers: unknown) {
    this.handOver()
    Reflect.set(NodeResponse.prototype, '_headers', headers, this)
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

  /** Called for the chunks of a stream, and by code that writes a response by hand. */
  override write(...args: unknown[]): boolean {
    return super.write(...((this[RESPONSE_END]?.countingWrite(args) ?? args) as [unknown]))
  }

  /**
   * Sends a complete body. Node's `end(body)` passes two chunks to the socket, the body and an empty one, to learn when they
   * are sent; a single chunk is less work (7 %).
   */
  endWith(body: string | Buffer): void {
    if (body.length === 0 || !this.isSentAsItIs) return void this.end(body)
    this.cork()
    // A client may leave while a long body is sent.
    if (isLong(body)) this.write(body)
    else nodeWrite.call(this, body, 'utf8')
    this.uncork()
    this.end()
  }

  /** Whether Node neither chunks nor counts the body, and no middleware has replaced `write` or `end`. */
  private get isSentAsItIs(): boolean {
    const isNodes = this.end === nodeEnd && this.write === ownWrite
    const fields = this[FIELDS]
    const hasLength = fields?.isPlain === true && fields.has('Content-Length')
    return isNodes && hasLength && this.socket !== null && !this.strictContentLength
  }

  /**
   * The names and values in turn. Later changes may add further ones, and leave those that are there as they are now.
   * `undefined` once Node keeps the fields.
   */
  snapshot(): readonly OutgoingHttpHeader[] | undefined {
    return this[FIELDS]?.snapshot()
  }

  /** Passes the fields to Node, which keeps them from here on. */
  handOver(): void {
    const fields = this[FIELDS]
    if (fields === undefined || this.headersSent) return
    this[FIELDS] = undefined
    const entries = fields.ownEntries()
    for (let index = 0; index < entries.length; index += 2) {
      super.setHeader(entries[index] as string, entries[index + 1] as OutgoingHttpHeader)
    }
  }
}

// Each response asks for these methods, and V8 finds them faster here (0.5 %).
/* eslint-disable @typescript-eslint/unbound-method -- compared, or called with a response */
const { write: nodeWrite, end: nodeEnd } = NodeResponse.prototype
const { write: ownWrite } = ServerResponse.prototype
/* eslint-enable @typescript-eslint/unbound-method */

enumerateLikeParent(ServerResponse)

/** Node's method, which the types of a response leave out. */
const rawHeaderNames = Reflect.get(NodeResponse.prototype, 'getRawHeaderNames') as (this: NodeResponse) => string[]
