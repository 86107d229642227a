import type { IncomingMessage as NodeRequest, ServerResponse as NodeResponse } from 'node:http'
import { inspect } from 'node:util'
import type Koa from 'koa'
import { IncomingMessage } from './incoming-message'
import { KoaContext } from './koa-classes'
import { ServerResponse } from './server-response'
import { keepSocket } from '../connection/socket'
import { enumerateLikeParent } from './like-parent'

/** A symbol: Koa's users read and write the fields of a context by name. */
const RESPOND = Symbol('flaskoa:respond')

/**
 * Koa's context. Koa delegates to request and response through closures that it makes by name. The accessors that most
 * requests use are written out here (5 %).
 */
export class Context extends KoaContext {
  declare private [RESPOND]: boolean | undefined

  constructor(app: Koa, req: NodeRequest, res: NodeResponse, request: Koa.Request, response: Koa.Response) {
    super()
    this.app = app
    this.req = req
    this.res = res
    this.request = request
    this.response = response
    this.originalUrl = request.originalUrl
    this.state = {}
    request.ctx = response.ctx = this
    request.response = response
    response.request = request
    keepSocket(this)
  }

  override get method(): string {
    return this.request.method
  }

  override set method(method: string) {
    this.request.method = method
  }

  override get path(): string {
    return this.request.path
  }

  override set path(path: string) {
    this.request.path = path
  }

  override get url(): string {
    return this.request.url
  }

  override set url(url: string) {
    this.request.url = url
  }

  override get status(): number {
    return this.response.status
  }

  override set status(status: number) {
    this.response.status = status
  }

  override get body(): unknown {
    return this.response.body
  }

  override set body(body: unknown) {
    this.response.body = body
  }

  override get type(): string {
    return this.response.type
  }

  override set type(type: string) {
    this.response.type = type
  }

  override get headerSent(): boolean {
    return this.response.headerSent
  }

  override get writable(): boolean {
    return this.response.writable
  }

  override get respond(): boolean | undefined {
    return this[RESPOND]
  }

  /** Code that answers instead of Koa may replace methods of request and response, as Express does: both become Node's. */
  override set respond(respond: boolean | undefined) {
    this[RESPOND] = respond
    if (respond !== false) return
    if (this.req instanceof IncomingMessage) this.req.look()
    if (this.res instanceof ServerResponse) this.res.handOver()
  }

  override get(...field: [string]): string {
    return this.request.get(...field)
  }

  override set(...fields: [string | Record<string, string | string[]>, (string | string[])?]): void {
    return this.response.set(...(fields as [string, string]))
  }

  // Koa's own returns early only for Koa's prototype, not for this class's.
  override inspect(): unknown {
    return Object.hasOwn(this, 'req') ? (super.inspect() as unknown) : this
  }

  [inspect.custom](): unknown {
    return this.inspect()
  }
}

enumerateLikeParent(Context)
