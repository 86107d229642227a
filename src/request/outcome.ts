import { isAborted } from '../connection/abort-signal'
import { http2StreamOf } from '../connection/http2'
import type { ResponseMeter } from '../connection/response-meter'
import type { HttpError, Outcome } from '../types'
import type { RequestFailure } from './failure'
import type { RequestContext } from './request-context'

/** What became of a request, once its response is out. */
export function outcomeOf({ ctx, meter, route, failure, tasks }: RequestContext): Outcome {
  const { res } = ctx
  const aborted = isAborted(ctx)
  const cause = tasks.interruption ?? res.errored ?? (aborted ? http2StreamOf(res)?.errored : undefined) ?? undefined
  const { error, handled } = isSent(failure, res.statusCode) ? failure : { error: cause, handled: cause === undefined }
  // A plan that has methods to call with an outcome has a meter for each request.
  const { durationMs, bytesSent } = (meter as ResponseMeter).result()
  return Object.freeze({ status: res.statusCode, error, handled, aborted, bytesSent, durationMs, route: route?.rule })
}

/** Whether the request has failed with that, and outer middleware has not answered in the place of an error's page. */
function isSent(failure: RequestFailure | undefined, status: number): failure is RequestFailure {
  return failure !== undefined && !(failure.isDeferred === true && (failure.error as HttpError).status !== status)
}
