import type Koa from 'koa'
import { abortResponse } from '../connection/abort-response'
import { http2StreamOf } from '../connection/http2'
import { socketOf } from '../connection/socket'
import { toError } from '../errors/describe'
import { abortBehind, isAbortedOnPurpose, isDisconnect } from '../connection/abort-signal'
import { isFirstReport, logListenerFailure } from './error-event'

/**
 * Koa reports an error in a stream twice, and reports a client's disconnection as an error. It also fails to stringify some
 * thrown values, and an error that a listener throws would end the process.
 */
export function dedupeKoaErrors({ context }: Koa): void {
  const original = Object.getPrototypeOf(context) as Koa.BaseContext
  const failedContexts = new WeakSet<Koa.Context>()
  const onerror = function (this: Koa.Context, thrown: unknown) {
    if (thrown === null || thrown === undefined || isOfConnection(this, thrown) || !isFirstReport(this, thrown)) return
    const isEcho = failedContexts.has(this) && isDestroyed(this)
    if (isEcho) return
    failedContexts.add(this)
    try {
      original.onerror.call(this, forKoa(thrown))
    } catch (failure) {
      logListenerFailure(failure, thrown)
      if (!this.res.writableEnded) abortResponse(this.res)
    }
  }
  Object.defineProperty(context, 'onerror', { value: onerror, writable: true, configurable: true })
}

/** Koa sets properties on errors and JSON-stringifies thrown non-errors, so give it an object that survives both. */
function forKoa(thrown: unknown): Error {
  if (thrown instanceof Error) return Object.isExtensible(thrown) ? thrown : (Object.create(thrown) as Error)
  try {
    JSON.stringify(thrown)
    return thrown as Error
  } catch {
    return toError(thrown)
  }
}

/** Whether an error only means that the connection was closed, or that the response was aborted on purpose. */
function isOfConnection(ctx: Koa.Context, error: unknown): boolean {
  // At a deadline or a shutdown the response may still need Koa's error page.
  const abort = abortBehind(ctx, error)
  if (isDisconnect(abort) || (abort !== undefined && ctx.headerSent)) return true
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
  // What Node could not read behind a request may be failedContexts by a socket that was reset meanwhile.
  return isPremature || error === errored || (errored !== null && rawPacket !== undefined)
}

/** HTTP/2's responses leave it to their stream to know. */
const isDestroyed = ({ res }: Koa.Context): boolean => (http2StreamOf(res) ?? res).destroyed
