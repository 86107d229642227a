import type Koa from 'koa'
import { abortResponse } from '../connection/abort-response'
import { http2StreamOf } from '../connection/http2'
import { socketOf } from '../connection/socket'
import { toError } from '../errors/describe'
import { isAbortedOnPurpose } from '../connection/abort-signal'
import { isFirstReport, logListenerFailure } from './error-reporting'

/**
 * Koa tells of an error in a stream twice, and of a client that goes away before a stream's end as if it were one. It can't
 * write down every value that may be thrown, and what a listener throws would end the process.
 */
export function dedupeKoaErrors({ context }: Koa): void {
  const original = Object.getPrototypeOf(context) as Koa.BaseContext
  const told = new WeakSet<Koa.Context>()
  const onerror = function (this: Koa.Context, thrown: unknown) {
    if (thrown === null || thrown === undefined || isOfConnection(this, thrown) || !isFirstReport(this, thrown)) return
    const isEcho = told.has(this) && isDestroyed(this)
    if (isEcho) return
    told.add(this)
    try {
      original.onerror.call(this, forKoa(thrown))
    } catch (failure) {
      logListenerFailure(failure, thrown)
      if (!this.res.writableEnded) abortResponse(this.res)
    }
  }
  Object.defineProperty(context, 'onerror', { value: onerror, writable: true, configurable: true })
}

/** Koa writes to an error, and writes down as JSON what is none. */
function forKoa(thrown: unknown): Error {
  if (thrown instanceof Error) return Object.isExtensible(thrown) ? thrown : (Object.create(thrown) as Error)
  try {
    JSON.stringify(thrown)
    return thrown as Error
  } catch {
    return toError(thrown)
  }
}

/** Whether an error tells no more than that the connection is gone, or that the response was broken off on purpose. */
function isOfConnection(ctx: Koa.Context, error: unknown): boolean {
  const { code, rawPacket } = Object(error) as NodeJS.ErrnoException & { rawPacket?: unknown }
  const stream = http2StreamOf(ctx.res)
  const isPremature = isDestroyed(ctx) && code === 'ERR_STREAM_PREMATURE_CLOSE'
  if (isPremature && isAbortedOnPurpose(ctx)) return true
  // HTTP/2's name for the same.
  if (code === 'ERR_HTTP2_STREAM_ERROR') return true
  // What the application broke off itself, a stream's error for instance, is the response's error as well.
  if ((stream ?? ctx.res).errored) return false
  if (stream !== undefined) return isPremature
  const errored = socketOf(ctx)?.errored ?? null
  // What Node could not read behind a request may be told by a socket that was reset meanwhile.
  return isPremature || error === errored || (errored !== null && rawPacket !== undefined)
}

/** HTTP/2's responses leave it to their stream to know. */
const isDestroyed = ({ res }: Koa.Context): boolean => (http2StreamOf(res) ?? res).destroyed
