import { IncomingMessage as Http1Request, ServerResponse as Http1Response } from 'node:http'
import type * as Http2 from 'node:http2'

let loaded: typeof Http2 | undefined

/** Node's module for HTTP/2. It is loaded when first used: that takes as long as a tenth of Koa, and most servers speak HTTP/1. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would be asynchronous
export const http2 = (): typeof Http2 => (loaded ??= require('node:http2') as typeof Http2)

/**
 * Whether a request came over HTTP/2, by its class: a middleware may set `req.httpVersionMajor`, for which Koa leaves out the
 * status message, and that does not change the connection.
 */
export const isHttp2 = (req: object): boolean =>
  !(req instanceof Http1Request) && req instanceof http2().Http2ServerRequest

/** The stream that keeps the state of an HTTP/2 response, which its type does not show; `undefined` for other responses. */
export const http2StreamOf = (res: object): Http2.ServerHttp2Stream | undefined =>
  !(res instanceof Http1Response) && res instanceof http2().Http2ServerResponse ? res.stream : undefined
