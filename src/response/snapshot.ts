import type { OutgoingHttpHeader, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { ServerResponse as EngineResponse } from '../engine/server-response'
import type { Context } from '../types'
import { closeBody } from './body'
import { removeBody } from './koa-state'

/** A response at one moment. */
export interface ResponseSnapshot {
  readonly status: number
  /** Names and values in turn. */
  readonly headers: readonly OutgoingHttpHeader[]
  readonly body: unknown
}

export function takeSnapshot(ctx: Context): ResponseSnapshot {
  return { status: ctx.res.statusCode, headers: headerFields(ctx.res), body: ctx.body }
}

function headerFields(res: ServerResponse): readonly OutgoingHttpHeader[] {
  const kept = res instanceof EngineResponse ? res.snapshot() : undefined
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

function isAs(ctx: Context, { status, body, headers }: ResponseSnapshot): boolean {
  return ctx.res.statusCode === status && ctx.body === body && isSameHeaders(headerFields(ctx.res), headers)
}

const isSameHeaders = (one: readonly OutgoingHttpHeader[], other: readonly OutgoingHttpHeader[]): boolean =>
  one === other || (one.length === other.length && one.every((field, index) => isSameField(field, other[index])))

const isSameField = (one: OutgoingHttpHeader, other: OutgoingHttpHeader | undefined): boolean =>
  one === other || String(one) === String(other)

/** Takes a stream out of the response: Koa destroys one when anything but a stream replaces it. */
export function detachStream(ctx: Context): void {
  if (ctx.body instanceof Readable) ctx.body = Readable.from([])
}

function restoreContent(ctx: Context, { headers, body: wanted }: ResponseSnapshot, kept?: unknown): void {
  const { body } = ctx.response as { body: unknown }
  if (body !== wanted) {
    if (body === kept) detachStream(ctx)
    else closeBody(body)
    ctx.body = wanted ?? ''
    if (wanted === undefined) removeBody(ctx)
  }
  for (const name of ctx.res.getHeaderNames()) ctx.res.removeHeader(name)
  for (let index = 0; index < headers.length; index += 2) {
    ctx.res.setHeader(headers[index] as string, copyField(headers[index + 1] as OutgoingHttpHeader))
  }
}
