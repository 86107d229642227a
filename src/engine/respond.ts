import { Readable } from 'node:stream'
import type Koa from 'koa'
import { abortResponse } from '../connection/abort-response'
import { closeBody, guardStream } from '../connection/body-streams'
import { guardWrites } from '../connection/guarded-writes'
import { isHttp2Response, sendAtOnce } from '../connection/http2-response'
import { ResponseEnd } from '../connection/response-end'
import { sendStream } from './send-stream'
import { ServerResponse } from './server-response'
import { onStreamError, onStreamErrorUnlessSent } from './socket-errors'
import { isEmpty } from './statuses'
import { isStream } from './is-stream'
import { isFetchResponse, isWebStream } from '../util/web-body'

/**
 * Sends the response that the middleware have made, as Koa does.
 *
 * @throws what Node throws for a head or a body that it refuses. A response that has begun is broken off then.
 */
export function respond(ctx: Koa.Context): void {
  if (ctx.respond === false) return onStreamError(ctx)
  const { res, writable } = ctx
  try {
    // Read after `writable`, as in Koa: a body may be put there right before it is sent.
    const body = ctx.body
    if (!writable) end(ctx)
    else if (isEmpty[ctx.status] === true) {
      ctx.body = null
      end(ctx)
    } else if (ctx.method === 'HEAD') respondToHead(ctx)
    else if (typeof body === 'string' || Buffer.isBuffer(body)) endWith(ctx, body)
    else if (body === null || body === undefined) respondWithStatus(ctx)
    else respondWith(ctx, body)
  } catch (error) {
    if (res.headersSent && !res.writableEnded) abortResponse(res)
    throw error
  }
}

function respondToHead(ctx: Koa.Context): void {
  const { res, response } = ctx
  if (!res.headersSent && !res.hasHeader('Content-Length')) {
    const { length } = response as { length: unknown }
    if (Number.isInteger(length)) response.length = length as number
  }
  end(ctx)
}

/** Sends the status's own text: there is no body. */
function respondWithStatus(ctx: Koa.Context): void {
  const { res, response } = ctx
  if ((response as { _explicitNullBody?: boolean })._explicitNullBody === true) {
    response.remove('Content-Type')
    response.remove('Transfer-Encoding')
    response.length = 0
    return end(ctx)
  }
  const text = (ctx.req.httpVersionMajor < 2 && ctx.message) || String(ctx.status)
  if (!res.headersSent) {
    ctx.type = 'text'
    ctx.length = Buffer.byteLength(text)
  }
  endWith(ctx, text)
}

function respondWith(ctx: Koa.Context, body: object): void {
  const { res } = ctx
  const stream = streamOf(body)
  if (stream !== undefined) {
    const responseEnd = ResponseEnd.of(ctx)
    // What is piped into a response that has ended may wait forever for another 'close'.
    onStreamError(ctx)
    if (responseEnd.isOut) return closeBody(stream)
    responseEnd.closeWithSocket()
    guardStream(stream)
    guardWrites(ctx)
    sendStream(stream, res, error => {
      // A listener for one error has had it already, from the stream.
      if (ctx.app.listenerCount('error') > 0) ctx.onerror(error)
    })
    return
  }
  const text = JSON.stringify(body)
  if (!res.headersSent) ctx.length = Buffer.byteLength(text)
  endWith(ctx, text)
}

/** Sends a complete body. */
function endWith(ctx: Koa.Context, body: string | Buffer): void {
  const { res } = ctx
  if (res instanceof ServerResponse) res.endWith(body)
  else if (isHttp2Response(res) && sendAtOnce(res, body)) onStreamErrorUnlessSent(ctx)
  else end(ctx, body)
}

function end(ctx: Koa.Context, ...body: [] | [string | Buffer]): void {
  onStreamError(ctx)
  ctx.res.end(...(body as []))
}

function streamOf(body: object): NodeJS.ReadableStream | undefined {
  // Unlike `Readable.from`, it cancels a web stream also while that one is waiting for a chunk.
  if (body instanceof Blob) return Readable.fromWeb(body.stream())
  if (isWebStream(body)) return Readable.fromWeb(body)
  if (isFetchResponse(body)) return body.body === null ? Readable.from('') : Readable.fromWeb(body.body)
  if (!isStream(body)) return undefined
  // For a chunk that a response does not accept, `write` throws where no code can catch it, which ends the process.
  return body instanceof Readable && body.readableObjectMode ? Readable.from(body, { objectMode: false }) : body
}
