import type { ServerResponse } from 'node:http'
import { isHttpError } from '../errors/http-error'
import { isAborted } from '../connection/abort-signal'
import { http2StreamOf } from '../connection/http2'
import { ResponseEnd } from '../connection/response-end'
import type { ResponseMeter } from '../connection/response-meter'
import type { HttpError, Outcome } from '../types'
import { lateErrorOf, type RequestFailure } from './failure'
import type { RequestContext } from './request-context'
import { ownFailure } from './routing-failure'

/** What became of a request, once its response is out. */
export function outcomeOf({ ctx, meter, route, failure, tasks, upgrade }: RequestContext): Outcome {
  const { res } = ctx
  const closing = upgrade?.ending
  const aborted = closing?.aborted ?? isAborted(ctx)
  const cause = tasks.interruption ?? res.errored ?? (aborted ? streamErrorOf(res) : undefined) ?? undefined
  const late = lateErrorOf(ctx)
  const known = late === undefined || late === failure?.error ? failure : { error: late, handled: isHttpError(late) }
  const { error, handled } = isSent(known, res.statusCode)
    ? { error: ownFailure(known.error), handled: known.handled }
    : { error: cause, handled: cause === undefined }
  // A plan that has methods to call with an outcome has a meter for each request.
  const { durationMs, bytesSent } = (meter as ResponseMeter).result()
  const outcome = { status: res.statusCode, error, handled, aborted, bytesSent, durationMs, route: route?.rule }
  return Object.freeze(closing === undefined ? outcome : { ...outcome, closeCode: closing.closeCode })
}

/** What an HTTP/2 response was broken off for. The end of its connection is no error. */
const streamErrorOf = (res: ServerResponse): Error | null | undefined =>
  ResponseEnd.existing(res)?.isStreamClosed === true ? undefined : http2StreamOf(res)?.errored

/** Whether the request has failed with that, and outer middleware has not answered in the place of an error's page. */
function isSent(failure: RequestFailure | undefined, status: number): failure is RequestFailure {
  return failure !== undefined && !(failure.isDeferred === true && (failure.error as HttpError).status !== status)
}
