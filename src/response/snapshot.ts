import type { OutgoingHttpHeader, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { http2Snapshot, isHttp2Response } from '../connection/http2-response'
import { ServerResponse as EngineResponse } from '../engine/server-response'
import type { Context } from '../types'
import { closeBody } from './body'
import { removeBody } from './koa-state'

/** A response at one moment. */
export interface ResponseSnapshot {
  readonly status: number
  readonly headers: HeaderEntries
  /** How many entries of `headers` there were at that moment: later ones may follow them. */
  readonly length: number
  readonly body: unknown
}

/** Names and values in turn. */
export type HeaderEntries = readonly OutgoingHttpHeader[]

export function takeSnapshot(ctx: Context): ResponseSnapshot {
  const headers = headerEntries(ctx.res)
  return { status: ctx.res.statusCode, headers, length: headers.length, body: ctx.body }
}

/** The header fields of a snapshot, without those that came later. */
export function headersOf({ headers, length }: Pick<ResponseSnapshot, 'headers' | 'length'>): HeaderEntries {
  return headers.length === length ? headers : headers.slice(0, length)
}

/** The header fields as they are now. Only as many entries as there are now stay as they are: later ones may follow. */
export function headerEntries(res: ServerResponse): HeaderEntries {
  const kept = res instanceof EngineResponse ? res.snapshot() : isHttp2Response(res) ? http2Snapshot(res) : undefined
  if (kept !== undefined) return kept
  // Not Node's `getHeaders`, which makes an object of them (4 % of a request on Koa, two or three times).
  const fields: OutgoingHttpHeader[] = []
  for (const name of res.getHeaderNames()) fields.push(name, copyField(res.getHeader(name) as OutgoingHttpHeader))
  return fields
}

/** ctx.cookies pushes a further cookie onto the very list that is there. */
const copyField = (field: OutgoingHttpHeader): OutgoingHttpHeader => (Array.isArray(field) ? [...field] : field)

/** Whether a response was written since `baseline`: another status or body, sent headers, or `ctx.respond = false`. */
export function isResponseWritten(ctx: Context, baseline: Pick<ResponseSnapshot, 'body' | 'status'>): boolean {
  return ctx.body !== baseline.body || ctx.status !== baseline.status || ctx.headerSent || ctx.respond === false
}

/**
 * Puts the response back to `snapshot`: its headers and no others, its status and body. The body that is replaced is
 * closed if it is a stream, unless it is `kept`. Nothing happens once the headers are out.
 */
export function restoreResponse(ctx: Context, snapshot: ResponseSnapshot, kept?: unknown): void {
  if (ctx.headerSent) return
  restoreContent(ctx, snapshot, kept)
  // A 404 without a body is Koa's way to say that there is no answer yet: not a status that a new response inherits.
  ctx.status = snapshot.status === 404 && snapshot.body === undefined ? 200 : snapshot.status
}

/** Undoes what was written since `decided`: teardown methods come too late for the response [7.4]. */
export function restoreDecided(ctx: Context, decided: ResponseSnapshot): void {
  if (ctx.headerSent || ctx.respond === false || isAs(ctx, decided)) return
  restoreContent(ctx, decided)
  ctx.status = decided.status
}

function isAs(ctx: Context, snapshot: ResponseSnapshot): boolean {
  return ctx.res.statusCode === snapshot.status && ctx.body === snapshot.body && hasHeadersOf(ctx, snapshot)
}

function hasHeadersOf(ctx: Context, { headers, length }: ResponseSnapshot): boolean {
  const now = headerEntries(ctx.res)
  if (now.length !== length) return false
  return now === headers || now.every((field, index) => isSameField(field, headers[index]))
}

const isSameField = (one: OutgoingHttpHeader, other: OutgoingHttpHeader | undefined): boolean =>
  one === other || String(one) === String(other)

/** Takes a stream out of the response: Koa destroys one when anything but a stream replaces it. */
function detachStream(ctx: Context): void {
  if (ctx.body instanceof Readable) ctx.body = Readable.from([])
}

function restoreContent(ctx: Context, snapshot: ResponseSnapshot, kept?: unknown): void {
  const { headers, length, body: wanted } = snapshot
  const { body } = ctx.response as { body: unknown }
  if (body !== wanted) {
    if (body === kept) detachStream(ctx)
    else closeBody(body)
    ctx.body = wanted ?? ''
    if (wanted === undefined) removeBody(ctx)
  }
  if (hasHeadersOf(ctx, snapshot)) return
  for (const name of ctx.res.getHeaderNames()) ctx.res.removeHeader(name)
  for (let index = 0; index < length; index += 2) {
    ctx.res.setHeader(headers[index] as string, copyField(headers[index + 1] as OutgoingHttpHeader))
  }
}
