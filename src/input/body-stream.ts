import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { PassThrough, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { isHttp2 } from '../connection/http2'
import type { Context } from '../types'
import { refuse, tooLarge, type Whole } from './refuse'

type Decode = (req: IncomingMessage) => Readable

const DECODERS: Readonly<Record<string, Decode>> = {
  gzip: req => through(req, createGunzip()),
  'x-gzip': req => through(req, createGunzip()),
  deflate: inflated,
  br: req => through(req, createBrotliDecompress()),
}
const CODINGS = 'gzip, deflate, br'

/** Whether a request has a body (RFC 9112 6.3), which its head says. */
export function hasBody({ req }: Context): boolean {
  const { headers } = req
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0) return true
  if (!isHttp2(req) || headers['content-length'] !== undefined) return false
  return ((req as unknown as Http2ServerRequest).stream as { endAfterHeaders?: boolean }).endAfterHeaders !== true
}

/**
 * The request's body, decoded from its `Content-Encoding`.
 *
 * @param whole what the limit is of, for errors
 * @param limit bytes; a `Content-Length` above it is refused before anything is read
 * @throws HttpError 413 and 415; an Error if other code has read the body
 */
export function bodyStream(ctx: Context, whole: Whole, limit: number): Readable {
  const { req } = ctx
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge(whole, limit)
  const decode = decoderOf(req)
  if (req.readableDidRead) throw readElsewhere(ctx)
  return decode === undefined ? req : decode(req)
}

/** What decodes the body; `undefined` if it is not encoded. */
function decoderOf({ headers }: IncomingMessage): Decode | undefined {
  const coding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (coding === 'identity' || coding === '') return undefined
  if (Object.hasOwn(DECODERS, coding)) return DECODERS[coding]
  return refuse(415, `the encoding of the body is not one of ${CODINGS}`, { 'Accept-Encoding': CODINGS })
}

function through(req: IncomingMessage, decoder: Transform): Transform {
  req.on('error', error => decoder.destroy(error))
  return req.pipe(decoder)
}

/** Some clients send deflate without the header of zlib: the first byte shows it. */
function inflated(req: IncomingMessage): Readable {
  const decoded = new PassThrough()
  const start = (first: Buffer) => {
    req.off('end', end)
    const decoder = ((first[0] as number) & 0x0f) === 8 ? createInflate() : createInflateRaw()
    decoder.on('error', error => decoded.destroy(error))
    decoded.on('close', () => decoder.destroy())
    decoder.write(first)
    through(req, decoder).pipe(decoded)
  }
  const end = () => {
    req.off('data', start)
    decoded.end()
  }
  req.once('data', start).once('end', end)
  return decoded
}

/** Without this error the request would wait for bytes that never come. */
const readElsewhere = ({ method, path }: Context) =>
  new Error(
    `${method} ${path}: the body was read before flaskoa could read it, for instance by a body parser or by ` +
      "ctx.req.on('data', …). Leave that out, or let the route declare no body and use what the parser gives.",
  )

/** Lets the rest of a body pass that is not read any further, so that the client comes to read its response. */
export function discardRest({ req }: Context): void {
  req.unpipe()
  req.resume()
}
