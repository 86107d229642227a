import type { ServerResponse } from 'node:http'
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2'

/** The stream that keeps the state of an HTTP/2 response, which its type does not show; `undefined` for other responses. */
export const http2StreamOf = (res: ServerResponse): ServerHttp2Stream | undefined =>
  (res as unknown as Partial<Http2ServerResponse>).stream
