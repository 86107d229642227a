import type { Readable } from 'node:stream'
import type Koa from 'koa'
import { abortResponse } from '../connection/abort-response'
import { fieldsOfError } from '../connection/foreign-fields'
import { http2StreamOf } from '../connection/http2'
import { ResponseEnd } from '../connection/response-end'
import { socketOf } from '../connection/socket'
import { readable, toError } from '../errors/describe'
import { abortBehind, isAbortedOnPurpose, isDisconnect } from '../connection/abort-signal'
import { inThisScope } from '../util/async-scope'
import { koaStatusOf } from './client-error'
import { errorForKoa } from './error-for-koa'
import { isFirstReport, logListenerFailure } from './error-event'
import { noteLateError, reportBodyError } from './failure'

type OnError = (this: Koa.Context, error: Error) => unknown

/** The contexts of applications whose `onerror` is replaced. Weak: they belong to Koa. */
const deduped = new WeakSet<object>()

/**
 * Puts a step before an application's `ctx.onerror`, Koa's or its own. Koa reports an error in a stream twice, and reports a
 * client's disconnection as an error. It also fails on some thrown values, an error that a listener throws would end the
 * process, and where Koa itself fails the client would wait forever.
 */
export function dedupeKoaErrors({ context }: Koa): void {
  if (deduped.has(context)) return
  deduped.add(context)
  let own = Object.getOwnPropertyDescriptor(context, 'onerror')?.value as OnError | undefined
  const current = () => own ?? (Object.getPrototypeOf(context) as { onerror: OnError }).onerror
  const failedContexts = new WeakSet<Koa.Context>()
  const onerror = function (this: Koa.Context, thrown: unknown) {
    if (thrown === null || thrown === undefined) return
    const error = readable(thrown)
    if (isOfConnection(this, error)) return
    if (!isFirstReport(this, thrown)) return endAnyway(this)
    const isEcho = failedContexts.has(this) && isDestroyed(this)
    if (isEcho) return
    failedContexts.add(this)
    noteLateError(this, toError(error))
    const report = () => {
      handle(this, error, current())
    }
    if (isOfBody(this, thrown)) reportBodyError(this, report)
    else report()
  }
  Object.defineProperty(context, 'onerror', {
    get(this: object) {
      // An application's own may call the one that it replaces.
      return this === context ? current() : ((this as ScopedContext)[SCOPED] ?? onerror)
    },
    set(this: object, value: OnError) {
      if (this === context) own = value
      else Object.defineProperty(this, 'onerror', { value, writable: true, configurable: true, enumerable: true })
    },
    configurable: true,
    enumerable: true,
  })
}

/** On a ctx: what `reportInThisScope` has made. */
const SCOPED = Symbol('flaskoa:scoped')

interface ScopedContext {
  [SCOPED]?: OnError
}

/** Has one context report its errors in the async context of now, because a stream fails in that of a socket or a file. */
export function reportInThisScope(ctx: Koa.Context): void {
  const onerror = ctx.onerror // eslint-disable-line @typescript-eslint/unbound-method -- called with ctx
  const scoped = ctx as ScopedContext
  if (scoped[SCOPED] === onerror) return
  scoped[SCOPED] = inThisScope((error: Error) => onerror.call(ctx, error))
  // Of its own it has one only where middleware has put it there.
  if (Object.hasOwn(ctx, 'onerror')) ctx.onerror = scoped[SCOPED]
}

/** Has `onerror` report and answer an error. Whatever that does, the response ends. */
function handle(ctx: Koa.Context, error: unknown, onerror: OnError): void {
  const { code, headers } = Object(error) as { code?: unknown; headers?: unknown }
  try {
    const known = errorForKoa(error)
    if (typeof headers !== 'object' || headers === null) onerror.call(ctx, known)
    else withoutForeignFields(ctx, headers, koaStatusOf(error), () => onerror.call(ctx, known))
  } catch (failure) {
    logListenerFailure(ctx.app, failure, error)
    endAnyway(ctx)
  }
  // Node has ended the stream of a HEAD request over HTTP/2 from the start, so that Koa does not answer.
  if (http2StreamOf(ctx.res) !== undefined && !ctx.writable) endAnyway(ctx, error)
  // Koa leaves a response that has begun to the code that has begun it, here to itself.
  if (code === 'ERR_HTTP_CONTENT_LENGTH_MISMATCH') endAnyway(ctx)
}

/**
 * Leaves out what an error's `headers` say of another connection or body, since they may be those of a response that a client
 * of the application received, and what Node refuses: the error's page is sent without it.
 */
function withoutForeignFields(ctx: Koa.Context, headers: object, status: number, act: () => void): void {
  const fields = new Map(fieldsOfError(headers, status))
  const set = ctx.set.bind(ctx) as (...field: unknown[]) => void
  const setIfTrue = (name: string, value: unknown) => {
    if (name in headers && !fields.has(name)) return
    try {
      set(name, value)
    } catch {
      // Node refuses the name or the value.
    }
  }
  const filtered = (field: unknown, value?: unknown) => {
    for (const [name, each] of typeof field === 'string' ? [[field, value] as const] : fields) setIfTrue(name, each)
  }
  Object.defineProperty(ctx, 'set', { value: filtered, writable: true, configurable: true })
  try {
    act()
  } finally {
    Reflect.deleteProperty(ctx, 'set')
  }
}

/**
 * Ends a response that nothing else ends: with a page as long as no byte of it is out, else as a broken transfer.
 *
 * @param error has the status of the page, if it has one
 */
function endAnyway(ctx: Koa.Context, error?: unknown): void {
  const { res } = ctx
  if (ctx.respond === false || res.writableEnded || isDestroyed(ctx)) return
  if (res.headersSent) return abortResponse(res)
  try {
    for (const name of res.getHeaderNames()) res.removeHeader(name)
    ctx.status = koaStatusOf(error)
    ctx.type = 'text'
    res.end(ctx.response.message)
  } catch {
    abortResponse(res)
  }
}

/** Whether an error only means that the connection was closed, or that the response was aborted on purpose. */
function isOfConnection(ctx: Koa.Context, error: unknown): boolean {
  // At a deadline or a shutdown the response may still need Koa's error page.
  const abort = abortBehind(ctx, error)
  if (isDisconnect(abort) || (abort !== undefined && ctx.headerSent)) return true
  const { code } = Object(error) as { readonly code?: unknown }
  const stream = http2StreamOf(ctx.res)
  const isPremature = isDestroyed(ctx) && code === 'ERR_STREAM_PREMATURE_CLOSE'
  if (isPremature && isAbortedOnPurpose(ctx)) return true
  // HTTP/2's name for the same.
  if (code === 'ERR_HTTP2_STREAM_ERROR' || ResponseEnd.isOfClosedStream(ctx.res, error)) return true
  const errored = socketOf(ctx)?.errored ?? null
  // The socket has failed first: Koa closes the stream then, for which Node breaks off the response once more.
  if (isPremature && errored !== null && errored !== ctx.res.errored) return true
  // What the application broke off itself, a stream's error for instance, is the response's error as well.
  if ((stream ?? ctx.res).errored) return false
  if (stream !== undefined) return isPremature
  // What Node's parser could not read behind a request may be reported by a socket that was reset meanwhile.
  return isPremature || error === errored || (errored !== null && String(code).startsWith('HPE_'))
}

/** Whether the stream that is sent has failed with an error. Its sender destroys the response with it. */
const isOfBody = ({ body, res }: Koa.Context, error: unknown): boolean =>
  [body, res, http2StreamOf(res)].some(each => (Object(each) as Partial<Readable>).errored === error)

/** HTTP/2's responses leave it to their stream to know. */
const isDestroyed = ({ res }: Koa.Context): boolean => (http2StreamOf(res) ?? res).destroyed
