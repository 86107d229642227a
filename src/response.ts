import type { OutgoingHttpHeader, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import statuses from 'statuses'
import { closeBody, guardStream, isLiteral, isSendable, toBody, toJson } from './body'
import { ServerResponse as EngineResponse } from './engine/server-response'
import { errorPage } from './error-page'
import { describe, isHttpError, type HttpError } from './errors'
import type { Context, ResponseValue } from './types'

/** What outer middleware had put into the response before the lifecycle received it, or a hook before it was replaced. */
export interface ResponseSnapshot {
  readonly status: number
  /** Names and values in turn. */
  readonly headers: readonly OutgoingHttpHeader[]
  readonly body: unknown
}

export function snapshotResponse(ctx: Context): ResponseSnapshot {
  return { status: ctx.res.statusCode, headers: headerFields(ctx.res), body: ctx.body }
}

function headerFields(res: ServerResponse): readonly OutgoingHttpHeader[] {
  const kept = res instanceof EngineResponse ? res.snapshot() : undefined
  if (kept !== undefined) return kept
  // Not Node's `getHeaders`, which makes an object of them (4 % of a request on Koa, two or three times).
  const fields: OutgoingHttpHeader[] = []
  for (const name of res.getHeaderNames()) fields.push(name, copied(res.getHeader(name) as OutgoingHttpHeader))
  return fields
}

/** Whoever adds a cookie pushes it onto the very list that is there. */
const copied = (field: OutgoingHttpHeader): OutgoingHttpHeader => (Array.isArray(field) ? [...field] : field)

/** Whether anything was answered since `baseline`: a status or a body of its own, or Koa was told to stay out. */
export function isWritten(ctx: Context, baseline: Pick<ResponseSnapshot, 'body' | 'status'>): boolean {
  return ctx.body !== baseline.body || ctx.status !== baseline.status || ctx.headerSent || ctx.respond === false
}

/**
 * Puts the response back to `snapshot`: its headers and no others, its status and body. The body that is replaced is
 * closed if it is a stream, unless it is `kept`. Nothing happens once the headers are out.
 */
export function restoreResponse(ctx: Context, snapshot: ResponseSnapshot, kept?: unknown): void {
  if (ctx.headerSent) return
  restoreContent(ctx, snapshot, kept)
  // A 404 without a body is Koa's way to say that nobody has answered: not a status that a new response inherits.
  ctx.status = snapshot.status === 404 && snapshot.body === undefined ? 200 : snapshot.status
}

/** Takes back what was written since `decided`: teardown methods come too late for the response (docs/rules.md 7.4). */
export function keepResponse(ctx: Context, decided: ResponseSnapshot): void {
  if (ctx.headerSent || ctx.respond === false || isAs(ctx, decided)) return
  restoreContent(ctx, decided)
  ctx.status = decided.status
}

function isAs(ctx: Context, { status, body, headers }: ResponseSnapshot): boolean {
  return ctx.res.statusCode === status && ctx.body === body && isSameHeaders(headerFields(ctx.res), headers)
}

const isSameHeaders = (one: readonly OutgoingHttpHeader[], other: readonly OutgoingHttpHeader[]): boolean =>
  one === other || (one.length === other.length && one.every((field, index) => isSameField(field, other[index])))

const isSameField = (one: OutgoingHttpHeader, other: OutgoingHttpHeader | undefined): boolean =>
  one === other || String(one) === String(other)

/** Takes a stream out of the response: Koa destroys one when anything but a stream replaces it. */
export function keepOpen(ctx: Context): void {
  if (ctx.body instanceof Readable) ctx.body = Readable.from([])
}

function restoreContent(ctx: Context, { headers, body: wanted }: ResponseSnapshot, kept?: unknown): void {
  const { body } = ctx.response as { body: unknown }
  if (body !== wanted) {
    if (body === kept) keepOpen(ctx)
    else closeBody(body)
    ctx.body = wanted ?? ''
  }
  for (const name of ctx.res.getHeaderNames()) ctx.res.removeHeader(name)
  for (let index = 0; index < headers.length; index += 2) {
    ctx.res.setHeader(headers[index] as string, copied(headers[index + 1] as OutgoingHttpHeader))
  }
}

/**
 * Puts a response value into Koa's response (docs/rules.md section 8), on top of what the method itself wrote there.
 *
 * @param by who gave the value, for the error's text
 * @param baseline the response before the method: one that wrote to `ctx` itself need not return anything
 * @throws TypeError when the value cannot be a response
 */
export function applyValue(ctx: Context, value: unknown, by: string, baseline: ResponseSnapshot): void {
  if (typeof value === 'string') return setBody(ctx, value, by)
  if (isLiteral(value)) return setJson(ctx, toJson(value, by))
  if (value === ctx.response || (value === undefined && isWritten(ctx, baseline))) {
    if (typeof ctx.body === 'string') return forbidSniffingOfHtml(ctx)
    return settleBody(ctx, by)
  }
  if (value instanceof Error && isHttpError(value)) return applyError(ctx, value)
  if (value instanceof globalThis.Response) return applyFetchResponse(ctx, value, by)
  refuseContext(ctx, value, by)
  setBody(ctx, value, by)
}

/** Written down as JSON they would show what the client has sent, its credentials too: nobody means that. */
function refuseContext(ctx: Context, value: unknown, by: string): void {
  const name = value === ctx ? 'ctx' : value === ctx.request ? 'ctx.request' : undefined
  if (name === undefined) return
  throw new TypeError(`${by} returned ${name}: return ctx.response, or nothing after writing to ctx.body`)
}

/** Serialises a body that a method or a hook set on `ctx` as an object, so that its errors are the lifecycle's. */
export function settleBody(ctx: Context, by: string): void {
  const body: unknown = ctx.body
  if (typeof body === 'string') return
  guardStream(body)
  if (body === null || ['undefined', 'number', 'boolean'].includes(typeof body) || isSendable(body)) return
  if (body instanceof globalThis.Response) return applyFetchResponse(ctx, body, by)
  setBody(ctx, body, by)
}

function setBody(ctx: Context, value: unknown, by: string): void {
  const body = toBody(value, by)
  if (typeof value === 'string') setHtml(ctx)
  else if (typeof body === 'string') return setJson(ctx, body)
  else defaultType(ctx, (value as Partial<Blob>).type || 'bin')
  if (typeof body !== 'string') guardStream(body)
  ctx.body = body
}

/** An HTTP error's default page, with the headers it names, for instance `Allow` (docs/rules.md 5.1). */
function applyError(ctx: Context, error: HttpError): void {
  ctx.status = error.status
  for (const [name, value] of Object.entries(error.headers ?? {})) ctx.set(name, value)
  ctx.type = 'html'
  forbidSniffing(ctx)
  ctx.body = errorPage(error)
}

const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade']

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
  // What fetch() received was decoded on the way, so that these headers no longer tell of the body.
  const untrue =
    response.url === '' ? ['set-cookie'] : ['set-cookie', ...HOP_BY_HOP, 'content-encoding', 'content-length']
  for (const [name, value] of response.headers) if (!untrue.includes(name)) ctx.set(name, value)
  for (const cookie of response.headers.getSetCookie()) ctx.append('Set-Cookie', cookie)
  ctx.status = response.status
  if (response.statusText !== '') ctx.message = response.statusText
}

/** Text is HTML unless its type was set. */
function setHtml(ctx: Context): void {
  if (ctx.res.hasHeader('Content-Type')) return forbidSniffingOfHtml(ctx)
  ctx.type = 'html'
  forbidSniffing(ctx)
}

/** The page of a redirect is Koa's: nothing in it is of a user. */
function forbidSniffingOfHtml(ctx: Context): void {
  if (!statuses.redirect[ctx.status] && /html/i.test(String(ctx.res.getHeader('Content-Type')))) forbidSniffing(ctx)
}

/** No browser may take the page for something else than it says it is. */
function forbidSniffing(ctx: Context): void {
  if (!ctx.res.hasHeader('X-Content-Type-Options')) ctx.set('X-Content-Type-Options', 'nosniff')
}

function defaultType(ctx: Context, type: string): void {
  if (!ctx.res.hasHeader('Content-Type')) ctx.type = type
}

/** Any JSON type that was set stays (`application/problem+json`), as in Koa. */
function setJson(ctx: Context, text: string): void {
  if (!ctx.res.hasHeader('Content-Type') || !/\bjson\b/i.test(ctx.response.type)) ctx.type = 'json'
  ctx.body = text
}

/** `makeResponse`: the value in a new response, with the status and headers that are given. */
export function renewResponse(
  ctx: Context,
  received: ResponseSnapshot,
  kept: unknown,
  value: ResponseValue,
  status?: number,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): void {
  if (value !== ctx.response) restoreResponse(ctx, received, kept)
  applyValue(ctx, value, 'makeResponse', snapshotResponse(ctx))
  for (const [name, field] of Object.entries(headers)) ctx.set(name, typeof field === 'string' ? field : [...field])
  if (status !== undefined) ctx.status = status
}

/** Sends the client elsewhere; Koa escapes the URL and writes the body. */
export function applyRedirect(ctx: Context, url: string, code: number): void {
  if (!statuses.redirect[code])
    throw new TypeError(`redirect(${describe(url)}, ${code}): ${code} is no redirect status`)
  ctx.status = code
  ctx.redirect(url)
}
