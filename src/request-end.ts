import { Readable } from 'node:stream'
import { runIn } from './context'
import { breakOff } from './engine/break-off'
import type { Preserved } from './preserved'
import type { RequestContext } from './request-context'
import * as responses from './response'
import { whenResponseIsOut } from './signal'
import { run, type Steps } from './steps'
import { whenClosed } from './stream'
import { doTeardownRequest, runEach } from './teardown'
import type { Context, Response } from './types'

/**
 * The end of a request: teardown, now or when a stream no longer needs the request, and then what comes after the response.
 *
 * @returns the work that is to be done now, if there is any
 */
export function endRequest(request: RequestContext, error: Error | undefined): Steps<void> | undefined {
  watchBody(request)
  if (request.heldStreams.length > 0 && endWithStreams(request, error)) return undefined
  const { preserved } = request.lifecycle
  if (error !== undefined && preserved !== undefined) return preserve(request, error, preserved)
  if (!request.isTornDown) {
    afterResponse(request)
    return undefined
  }
  // As what a teardown method would replace, so that a stream in it stays open.
  request.decided = request.replaced = responses.snapshotResponse(request.ctx)
  return doTeardownRequest<Context, Response>(request, error)
}

/** Teardown has run: the response stays as it was before it. */
export function leaveRequest(request: RequestContext, decided: responses.ResponseSnapshot): void {
  try {
    responses.keepResponse(request.ctx, decided)
  } finally {
    afterResponse(request)
  }
}

function* preserve(request: RequestContext, error: Error, preserved: Preserved): Steps<void> {
  try {
    yield preserved.keep(() => tearDownLater(request, error))
  } finally {
    afterResponse(request)
  }
}

/**
 * Middleware outside of the lifecycle may send another stream that reads this one, and never hears that this one has failed:
 * its client would wait for ever.
 */
function watchBody(request: RequestContext): void {
  const { ctx } = request
  const { body } = ctx
  if (!(body instanceof Readable)) return
  body.once('error', (error: Error) => {
    if (ctx.body === body || ctx.res.writableEnded || ctx.res.destroyed) return
    request.noteError(error, false)
    request.report(error)
    breakOff(ctx.res)
  })
}

/** Leaves the end to the streams that are sent, if some are. */
function endWithStreams(request: RequestContext, error: Error | undefined): boolean {
  const held = request.heldStreams.filter(stream => !stream.destroyed)
  const areSent = held.length > 0 && sendsStream(request.ctx)
  if (!areSent) for (const stream of held) stream.destroy()
  else {
    whenClosed(held, request.ctx, reason => {
      void tearDownLater(request, error ?? reason).then(() => {
        afterResponse(request)
      })
    })
  }
  return areSent
}

/** Whether a stream may be on its way to the client, as it is or through another that reads it. */
const sendsStream = ({ body, method, respond }: Context): boolean =>
  method !== 'HEAD' && (body instanceof Readable || respond === false)

/** When the running code may no longer belong to this request. */
async function tearDownLater(request: RequestContext, error: Error | undefined): Promise<void> {
  await runIn(request, () => run(doTeardownRequest<Context, Response>(request, error), request))
}

/** When its last byte is out or its client has left, and its teardown has run, a request is over. */
function afterResponse(request: RequestContext): void {
  if (!request.isWatched) return
  const tell = async () => {
    await runIn(request, () => run(tellOutcome(request), request))
    request.underway?.delete(request)
  }
  // Not at once, if the response is out already: what runs now has a deadline that ends with it.
  whenResponseIsOut(request.ctx, () => {
    process.nextTick(tell)
  })
}

function* tellOutcome(request: RequestContext): Steps<void> {
  const { afterResponse: methods } = request.pipeline
  if (methods.length > 0) yield* runEach(request, methods, request.outcome(), undefined)
}
