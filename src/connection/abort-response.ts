import type { ServerResponse } from 'node:http'
import { http2, http2StreamOf } from './http2'

/** Aborts a response before its end, so that its client sees that it is incomplete. */
export function abortResponse(res: ServerResponse): void {
  const stream = http2StreamOf(res)
  // An HTTP/2 stream that is destroyed without an error code looks complete to the client.
  if (stream === undefined) res.destroy()
  else stream.close(http2().constants.NGHTTP2_INTERNAL_ERROR)
}
