import type { IncomingMessage, ServerResponse } from 'node:http'
import type Koa from 'koa'
import { contentType } from 'mime-types'
import { bodyReplaced } from '../connection/body-streams'
import { isHttp2Response } from '../connection/http2-response'
import { KoaResponse } from './koa-classes'
import { isEmpty, messages } from './statuses'
import { enumerateLikeParent } from './like-parent'

/** Koa's response. Text, JSON, known statuses, types and single header fields take a short way; the rest is Koa's. */
export class Response extends KoaResponse {
  // Koa's own names, because its setters, which ours fall back to, write them.
  declare _body: unknown
  declare _explicitStatus: boolean | undefined
  declare _explicitNullBody: boolean | undefined
  // Koa's types leave it out.
  declare has: (field: string) => boolean

  constructor(app: Koa, req: IncomingMessage, res: ServerResponse) {
    super()
    this.app = app
    this.req = req
    this.res = res
    this._body = undefined
    this._explicitStatus = undefined
    this._explicitNullBody = undefined
  }

  override get status(): number {
    return this.res.statusCode
  }

  // Koa's asserts cost more than the rest of it (1 %).
  override set status(code: number) {
    const message = messages[code]
    if (typeof code !== 'number' || message === undefined || isEmpty[code] === true) {
      super.status = code
      return
    }
    if (this.res.headersSent) return
    this._explicitStatus = true
    this.res.statusCode = code
    if (this.req.httpVersionMajor < 2) this.res.statusMessage = message
  }

  // Koa reads the socket, of which Node makes a proxy for each HTTP/2 request (2 %).
  override get writable(): boolean {
    const { res } = this
    return (isHttp2Response(res) && !res.writableEnded && res.stream.writable) || super.writable
  }

  override get body(): unknown {
    return this._body
  }

  override set body(value: unknown) {
    if (typeof value === 'string' && !isObject(this._body)) this.#setText(value)
    else if (isPlainObject(value) && !isObject(this._body)) this.#setJson(value)
    else this.#setOther(value)
  }

  /** Koa closes a stream of Node's with the response, and when anything but a stream replaces it; here, a web stream as well. */
  #setOther(value: unknown): void {
    const original = this._body
    super.body = value
    bodyReplaced(this.res, original, value)
  }

  #setText(text: string): void {
    this._body = text
    if (this._explicitStatus !== true) this.status = 200
    if (!this.has('Content-Type')) this.type = /^\s*</.test(text) ? 'html' : 'text'
    this.length = Buffer.byteLength(text)
  }

  #setJson(value: object): void {
    this._body = value
    if (this._explicitStatus !== true) this.status = 200
    this.remove('Content-Length')
    if (!/\bjson\b/i.test(this.type)) this.type = 'json'
  }

  override get type(): string {
    return super.type
  }

  // Koa looks each type up in the table of MIME types (4 %).
  override set type(type: string) {
    // Most responses of an application have the same type.
    const field = type === latestType ? latestField : fieldOf(type)
    if (field === '') this.remove('Content-Type')
    else this.set('Content-Type', field)
  }

  // Koa makes lists of lists of what it is given (2 %).
  override set(field: string | Record<string, string | string[]>, value?: string | string[]): void {
    if (typeof field !== 'string' || field === '' || Array.isArray(value)) super.set(field as string, value as string)
    else if (!this.res.headersSent) this.res.setHeader(field, value as string)
  }
}

enumerateLikeParent(Response)

/** By a value of `response.type`, the `Content-Type` that it means: '' if there is no such type. */
const contentTypes = new Map<string, string>()

/** A type may come from a file's name or a client: the table must not grow with every new one. */
const MOST_TYPES = 500

let latestType = ''
let latestField = ''

function fieldOf(type: string): string {
  latestField = contentTypes.get(type) ?? remembered(type)
  latestType = type
  return latestField
}

function remembered(type: string): string {
  const field = contentType(type) || ''
  if (contentTypes.size < MOST_TYPES) contentTypes.set(type, field)
  return field
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

/** Whether a value is an object literal or an array, and not an object literal that works as a stream. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || 'pipe' in value) return false
  return Object.getPrototypeOf(value) === Object.prototype || Array.isArray(value)
}
