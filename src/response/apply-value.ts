import { Readable } from 'node:stream'
import statuses from 'statuses'
import { fieldsOfError, foreignTo, removeUpstreamFields } from '../connection/foreign-fields'
import { isHttpError, restoreHidden, type HttpError } from '../errors/http-error'
import type { Context } from '../types'
import { addField } from './add-field'
import { guardStream, isLiteral, isSendable, toBody, toJson } from './body'
import { defaultAnswer, forbidSniffing } from './error-page'
import { isResponseWritten, type ResponseSnapshot } from './snapshot'
import { isFetchResponse } from '../util/web-body'

/**
 * Puts a response value into Koa's response [8], on top of what the method itself wrote there.
 *
 * @param by the method that returned the value, for the error's text
 * @param baseline the response before the method: one that wrote to `ctx` itself need not return anything
 * @throws TypeError when the value cannot be a response
 */
export function applyValue(ctx: Context, value: unknown, by: string, baseline: ResponseSnapshot): void {
  if (typeof value === 'string') return setBody(ctx, value, by)
  if (isLiteral(value)) return setJson(ctx, toJson(value, by))
  if (value === ctx.response || (value === undefined && isResponseWritten(ctx, baseline))) {
    if (typeof ctx.body === 'string') return forbidSniffingOfHtml(ctx)
    return serializeBody(ctx, by)
  }
  if (value instanceof Error) restoreHidden(value)
  if (value instanceof Error && isHttpError(value)) return applyError(ctx, value)
  if (isFetchResponse(value)) return applyFetchResponse(ctx, value, by)
  assertNotContext(ctx, value, by)
  setBody(ctx, value, by)
}

/** Throws for `ctx` and `ctx.request`: as JSON they would expose what the client sent, including its credentials. */
function assertNotContext(ctx: Context, value: unknown, by: string): void {
  const name = value === ctx ? 'ctx' : value === ctx.request ? 'ctx.request' : undefined
  if (name === undefined) return
  throw new TypeError(`${by} returned ${name}: return ctx.response, or nothing after writing to ctx.body`)
}

/**
 * Serialises a body other than a text that a method or a hook set on `ctx`, so that its errors are the lifecycle's.
 *
 * @param isLast whether no method can replace the body any more
 */
export function serializeBody(ctx: Context, by: string, isLast = false): void {
  const body: unknown = ctx.body
  guardStream(body)
  if (isLast && body instanceof Blob) return streamBlob(ctx, body)
  if (isLast) removeUpstreamFields(ctx.req, ctx.res, body)
  if (body === null || ['undefined', 'number', 'boolean'].includes(typeof body) || isSendable(body)) return
  if (isFetchResponse(body)) return applyFetchResponse(ctx, body, by)
  setBody(ctx, body, by)
}

/** Middleware outside of the lifecycle knows streams, and takes a Blob for an object that is sent as JSON: as `{}`. */
function streamBlob(ctx: Context, blob: Blob): void {
  const body = Readable.fromWeb(blob.stream())
  guardStream(body)
  ctx.body = body
  ctx.length = blob.size
}

function setBody(ctx: Context, value: unknown, by: string): void {
  const body = toBody(value, by)
  if (typeof value === 'string') setHtml(ctx)
  else if (typeof body === 'string') return setJson(ctx, body)
  else defaultType(ctx, (value as Partial<Blob>).type || 'bin')
  if (typeof body !== 'string') guardStream(body)
  ctx.body = body
}

/** An HTTP error's default answer, with the headers it names, for instance `Allow` [5.1]. */
function applyError(ctx: Context, error: HttpError): void {
  ctx.status = error.status
  for (const [name, value] of fieldsOfError(error.headers, error.status)) addField(ctx, name, value)
  const { type, body, varies } = defaultAnswer(ctx, error)
  ctx.set('Content-Type', type)
  if (varies) ctx.vary('Accept')
  forbidSniffing(ctx)
  ctx.body = body
}

function applyFetchResponse(ctx: Context, response: globalThis.Response, by: string): void {
  if (response.bodyUsed || response.status === 0) {
    throw new TypeError(
      `${by} returned a WHATWG Response that ${response.bodyUsed ? 'was read already' : 'is a network error'}`,
    )
  }
  const body = response.body === null ? '' : Readable.fromWeb(response.body)
  ctx.body = body
  ctx.remove('Content-Type')
  ctx.remove('Content-Length')
  guardStream(body)
  const isForeign = foreignTo(response.headers.get('connection'))
  const untrue = ['set-cookie', ...untrueFieldsOf(response, ctx.method)]
  for (const [name, value] of response.headers) {
    if (!untrue.includes(name) && !isForeign(name)) addField(ctx, name, value)
  }
  for (const cookie of response.headers.getSetCookie()) ctx.append('Set-Cookie', cookie)
  ctx.status = response.status
  // HTTP/2 has no such text, and Node warns.
  if (response.statusText !== '' && ctx.req.httpVersionMajor < 2) ctx.message = response.statusText
}

/**
 * The fields of a response that fetch() received which do not describe its body: fetch() has decoded it, and a copy,
 * `new Response(received.body, received)`, may have another body. A copy has no URL, but the fields of a connection.
 */
function untrueFieldsOf({ url, headers, body }: globalThis.Response, method: string): string[] {
  const isCopy = url === '' && headers.has('connection')
  if (url === '' && !isCopy) return []
  if (body === null) return method === 'HEAD' ? [] : ['content-length']
  if (isDecoded(headers.get('content-encoding'))) return ['content-encoding', 'content-length']
  return isCopy ? ['content-length'] : []
}

/** Whether fetch() decodes a body with this `Content-Encoding`: only if it knows each coding. */
const isDecoded = (encoding: string | null): boolean =>
  encoding?.split(',').every(coding => /^\s*(?:(?:x-)?gzip|deflate|br|zstd)\s*$/i.test(coding)) === true

/** Text is HTML unless its type was set. */
function setHtml(ctx: Context): void {
  if (ctx.res.hasHeader('Content-Type')) return forbidSniffingOfHtml(ctx)
  ctx.type = 'html'
  forbidSniffing(ctx)
}

/** The page of a redirect has only its URL, escaped: nothing in it is of a user. */
function forbidSniffingOfHtml(ctx: Context): void {
  if (!statuses.redirect[ctx.status] && /html/i.test(String(ctx.res.getHeader('Content-Type')))) forbidSniffing(ctx)
}

function defaultType(ctx: Context, type: string): void {
  if (!ctx.res.hasHeader('Content-Type')) ctx.type = type
}

/** Puts JSON that is neither an object nor an array into the response. */
export function applyJson(ctx: Context, value: number | boolean | null): void {
  setJson(ctx, JSON.stringify(value))
}

/** Any JSON type that was set stays (`application/problem+json`), as in Koa. */
function setJson(ctx: Context, text: string): void {
  if (!ctx.res.hasHeader('Content-Type') || !/\bjson\b/i.test(ctx.response.type)) ctx.type = 'json'
  ctx.body = text
}
