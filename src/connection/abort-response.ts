import type { ServerResponse } from 'node:http'
import { constants } from 'node:http2'
import { http2StreamOf } from './http2'

/** Ends a response in its middle, so that its client sees that it is not whole. */
export function abortResponse(res: ServerResponse): void {
  const stream = http2StreamOf(res)
  // Destroyed without an error, a stream of HTTP/2 ends as if all was said.
  if (stream === undefined) res.destroy()
  else stream.close(constants.NGHTTP2_INTERNAL_ERROR)
}
