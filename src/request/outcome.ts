import { isAborted } from '../connection/abort-signal'
import { http2StreamOf } from '../connection/http2'
import type { ResponseMeter } from '../connection/response-meter'
import type { Outcome } from '../types'
import { lateErrorOf } from './failure'
import type { RequestContext } from './request-context'

/** What became of a request, once its response is out. */
export function outcomeOf({ ctx, meter, route, failure, tasks }: RequestContext): Outcome {
  const { res } = ctx
  const aborted = isAborted(ctx)
  const cause = tasks.interruption ?? res.errored ?? (aborted ? http2StreamOf(res)?.errored : undefined) ?? undefined
  const late = lateErrorOf(ctx)
  const known = late === undefined ? failure : { error: late, handled: false }
  const { error, handled } = known ?? { error: cause, handled: cause === undefined }
  // A plan that has methods to call with an outcome has a meter for each request.
  const { durationMs, bytesSent } = (meter as ResponseMeter).result()
  return Object.freeze({ status: res.statusCode, error, handled, aborted, bytesSent, durationMs, route: route?.rule })
}
