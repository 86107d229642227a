import type { ServerHttp2Stream } from 'node:http2'
import { http2 } from './http2'

/** What is notified of the end of a response's stream. */
export interface StreamEnd {
  /** Called when the stream is closed before an error of the response: later errors only follow from that. */
  streamClosed(): void
  /** Called when nothing more is sent. */
  closed(): void
}

/**
 * Notifies `end`. A stream that its client resets with NO_ERROR is never destroyed by Node, nor is its session, if its writes
 * wait for flow control or its request is not read to the end. Here it is destroyed, as by a reset with any other code.
 */
export function watchStream(stream: ServerHttp2Stream, end: StreamEnd): void {
  const check = () => {
    if (!stream.destroyed || stream.session?.destroyed === true) end.streamClosed()
    // Node closes it first, and then destroys it in most cases.
    setImmediate(endStream, stream)
  }
  stream.once('close', () => {
    end.closed()
  })
  // A client may receive the whole response and not end its request: that does not keep the response open.
  stream.once('finish', () => {
    if (isStreamSent(stream)) end.closed()
  })
  // Node removes the listeners of the time limit when either side closes the stream, and has no event of its own for that if
  // the response has been written by then.
  stream.on('removeListener', name => {
    if (name === 'timeout' && stream.closed) check()
  })
  if (stream.closed) check()
}

/** Whether the client has been sent the whole response. Node itself ends a stream that is reset, which is then `aborted`. */
export const isStreamSent = ({ headersSent, writableFinished, aborted }: ServerHttp2Stream): boolean =>
  // A HEAD request's stream is finished from the start.
  headersSent && writableFinished && !aborted

/** The codes of what Node throws at code that still writes to a stream which is closed. */
const WRITE_ERRORS = new Set([
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_WRITE_AFTER_END',
  'ERR_STREAM_DESTROYED',
  'ERR_HTTP2_INVALID_STREAM',
])

/** Whether an error, after its stream was closed, says no more than that. */
export const isWriteError = (error: unknown): boolean =>
  WRITE_ERRORS.has((Object(error) as NodeJS.ErrnoException).code as string)

function endStream(stream: ServerHttp2Stream): void {
  const hasConnection = !stream.destroyed && stream.session?.destroyed === false
  // What is left of the request's body may still be read once the response is sent.
  if (hasConnection && isForgotten(stream) && !isStreamSent(stream)) stream.destroy()
}

/** Whether the session no longer has the stream: one that the application has closed first sends what it was given. */
const isForgotten = ({ state }: ServerHttp2Stream): boolean =>
  state.state === http2().constants.NGHTTP2_STREAM_STATE_IDLE
