import type Koa from 'koa'
import { abortResponse } from '../connection/abort-response'
import { http2StreamOf } from '../connection/http2'
import { ResponseEnd } from '../connection/response-end'
import { socketOf } from '../connection/socket'
import { toError } from '../errors/describe'
import { isAbortedOnPurpose } from '../connection/abort-signal'
import { inThisScope } from '../util/async-scope'
import { isFirstReport, logListenerFailure } from './error-event'

type OnError = (this: Koa.Context, thrown: unknown) => void

/** The `onerror` functions that this file has made. */
const deduping = new WeakSet<OnError>()
const failedContexts = new WeakSet<Koa.Context>()

/** Makes an application report each error once: see `dedupe`. */
export function dedupeKoaErrors({ context }: Koa): void {
  const original = Object.getPrototypeOf(context) as Koa.BaseContext
  const value = dedupe((ctx, error) => {
    original.onerror.call(ctx, error)
  })
  Object.defineProperty(context, 'onerror', { value, writable: true, configurable: true })
}

/**
 * Makes one context report an error of its stream once, also in an application of the user's own, which stays unchanged; and
 * in the async context of the request, because a stream fails in that of a socket or a file.
 */
export function dedupeStreamErrors(ctx: Koa.Context): void {
  const original = ctx.onerror as unknown as OnError // eslint-disable-line @typescript-eslint/unbound-method -- called with ctx
  if (Object.hasOwn(ctx, 'onerror') && deduping.has(original)) return
  const once = deduping.has(original) ? original : dedupe((failed, error) => original.call(failed, error))
  const onerror: OnError = inThisScope((thrown: unknown) => once.call(ctx, thrown))
  deduping.add(onerror)
  Object.defineProperty(ctx, 'onerror', { value: onerror, writable: true, configurable: true })
}

/**
 * Koa reports an error in a stream twice, and reports a client's disconnection as an error. It also fails to stringify some
 * thrown values, and an error that a listener throws would end the process.
 */
function dedupe(report: (ctx: Koa.Context, error: Error) => void): OnError {
  const onerror: OnError = function (thrown) {
    if (thrown === null || thrown === undefined || isOfConnection(this, thrown) || !isFirstReport(this, thrown)) return
    const isEcho = failedContexts.has(this) && isDestroyed(this)
    if (isEcho) return
    failedContexts.add(this)
    try {
      report(this, forKoa(thrown))
    } catch (failure) {
      logListenerFailure(failure, thrown)
      if (!this.res.writableEnded) abortResponse(this.res)
    }
  }
  deduping.add(onerror)
  return onerror
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
  const { code, rawPacket } = Object(error) as NodeJS.ErrnoException & { rawPacket?: unknown }
  const stream = http2StreamOf(ctx.res)
  const isPremature = isDestroyed(ctx) && code === 'ERR_STREAM_PREMATURE_CLOSE'
  if (isPremature && isAbortedOnPurpose(ctx)) return true
  // HTTP/2's name for the same.
  if (code === 'ERR_HTTP2_STREAM_ERROR' || ResponseEnd.isOfClosedStream(ctx.res, error)) return true
  // What the application broke off itself, a stream's error for instance, is the response's error as well.
  if ((stream ?? ctx.res).errored) return false
  if (stream !== undefined) return isPremature
  const errored = socketOf(ctx)?.errored ?? null
  // What Node could not read behind a request may be failedContexts by a socket that was reset meanwhile.
  return isPremature || error === errored || (errored !== null && rawPacket !== undefined)
}

/** HTTP/2's responses leave it to their stream to know. */
const isDestroyed = ({ res }: Koa.Context): boolean => (http2StreamOf(res) ?? res).destroyed
