import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream'

type Failure = NodeJS.ErrnoException

/**
 * Sends a stream as `stream.pipeline` does: the failure of one side destroys the other. `pipeline` costs a small stream as much
 * again as all the rest: it makes an AbortController and aborts it at the end, with an error that has a stack.
 *
 * @param failed is called with the reason when both sides are closed, if one of them has failed
 */
export function sendStream(stream: NodeJS.ReadableStream, res: ServerResponse, failed: (error: Failure) => void): void {
  let open = 2
  let failure: Failure | undefined
  const ended = (error?: Failure | null) => {
    if (error) fail(error)
    if (--open === 0 && failure !== undefined) failed(failure)
  }
  const fail = (error: Failure) => {
    const isFirst = failure === undefined
    // That one side was closed early is only what followed, if the other has a reason.
    if (failure === undefined || isPremature(failure)) failure = error
    if (!isFirst) return
    ;(stream as { destroy?: (error: Failure) => void }).destroy?.(error)
    res.destroy(error)
  }
  finished(stream, { writable: false }, ended)
  finished(res, { readable: false }, ended)
  stream.pipe(res)
}

const isPremature = ({ code }: Failure) => code === 'ERR_STREAM_PREMATURE_CLOSE'
