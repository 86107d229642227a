import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2'

/** The stream that a response of HTTP/2 leaves its state to, against its type; `undefined` for all others. */
export const http2StreamOf = (res: ServerResponse): ServerHttp2Stream | undefined =>
  (res as unknown as Partial<Http2ServerResponse>).stream
