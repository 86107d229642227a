import type { ServerResponse } from 'node:http'
import { Http2ServerRequest, Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'

/**
 * Whether a request came over HTTP/2, by its class: a middleware may set `req.httpVersionMajor`, for which Koa leaves out the
 * status message, and that does not change the connection.
 */
export const isHttp2 = (req: object): boolean => req instanceof Http2ServerRequest

/** The stream that keeps the state of an HTTP/2 response, which its type does not show; `undefined` for other responses. */
export const http2StreamOf = (res: ServerResponse): ServerHttp2Stream | undefined =>
  (res as unknown) instanceof Http2ServerResponse ? (res as unknown as Http2ServerResponse).stream : undefined
