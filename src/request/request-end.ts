import { Readable } from 'node:stream'
import { abortResponse } from '../connection/abort-response'
import { ResponseEnd } from '../connection/response-end'
import { whenResponseIsOut } from '../connection/abort-signal'
import { closeBody } from '../connection/body-streams'
import { guardWrites } from '../connection/guarded-writes'
import { noteUnreadBody } from '../connection/unread-body'
import type { Coroutine } from '../lifecycle/coroutine'
import { doTeardownRequest, runIsolated } from '../lifecycle/teardown'
import type { Context } from '../types'
import { inThisScope } from '../util/async-scope'
import { reportInThisScope } from './dedupe-koa-errors'
import type { DeferredTeardown } from './deferred-teardown'
import { reportBodyError } from './failure'
import { whenClosed } from './held-streams'
import { outcomeOf } from './outcome'
import type { RequestContext } from './request-context'
import { runCoroutineIn } from './storage'
import { endWithUpgrade } from './upgrade'

/**
 * The end of a request: teardown, now or when a stream no longer needs the request, and then what comes after the response.
 *
 * @returns the work that is to be done now, if there is any
 */
export function endRequest(request: RequestContext, error: Error | undefined): Coroutine<void> | undefined {
  watchBody(request)
  if (request.heldStreams.length > 0 && endWithStreams(request, error)) return undefined
  const { deferredTeardown } = request.runtime
  if (error !== undefined && deferredTeardown !== undefined) return defer(request, error, deferredTeardown)
  if (!hasTeardown(request)) {
    request.noteEnd()
    afterResponse(request)
    return undefined
  }
  request.response.decide()
  return doTeardownRequest(request, error, leaveRequest)
}

/** Teardown has run: the response stays as it was before it. */
function leaveRequest(request: RequestContext): void {
  try {
    request.response.restoreDecided()
  } finally {
    request.noteEnd()
    afterResponse(request)
  }
}

/** Whether any code of the application's runs at its end. */
function hasTeardown({ pipeline, plan, hasListeners }: RequestContext): boolean {
  return pipeline.teardown.length > 0 || plan.teardownAppContext.length > 0 || hasListeners
}

function* defer(request: RequestContext, error: Error, deferredTeardown: DeferredTeardown): Coroutine<void> {
  try {
    const later = async () => {
      // If a shutdown runs it, the shutdown's timeout also holds for it.
      request.inFlight?.add(request)
      await tearDownLater(request, error)
      request.inFlight?.delete(request)
    }
    yield deferredTeardown.defer(request.ctx, inThisScope(later))
  } finally {
    afterResponse(request)
  }
}

/**
 * Closes a stream that can't be sent any more: what is piped into a response after its end may wait forever. And middleware
 * outside of the lifecycle may send another stream that reads this one, and never learns that this one has failed: its client
 * would wait forever.
 */
function watchBody(request: RequestContext): void {
  const { ctx } = request
  const { body } = ctx
  if (typeof body !== 'object' || body === null || Buffer.isBuffer(body)) return
  reportInThisScope(ctx)
  if (!(body instanceof Readable)) return
  if (ResponseEnd.of(ctx).isOut) closeBody(body)
  guardWrites(ctx)
  const failed = inThisScope((error: Error) => {
    if (ctx.body === body || ctx.res.writableEnded || ctx.res.destroyed) return
    request.noteError(error, false)
    reportBodyError(ctx, () => {
      request.report(error)
    })
    abortResponse(ctx.res)
  })
  body.once('error', failed)
}

/** Calls `done` when the response is out, and the web socket has ended that belongs to a lifecycle inside of this one. */
function whenOver({ ctx, upgrade }: RequestContext, done: () => void): void {
  if (upgrade === undefined || upgrade.closed) return whenResponseIsOut(ctx, done)
  upgrade.once('close', () => {
    whenResponseIsOut(ctx, done)
  })
}

/** Leaves the end to the streams that are sent, if some are. */
function endWithStreams(request: RequestContext, error: Error | undefined): boolean {
  const held = request.heldStreams.filter(stream => !stream.destroyed)
  const areSent = held.length > 0 && sendsStream(request.ctx)
  if (!areSent) for (const stream of held) stream.destroy()
  else {
    const end = inThisScope((reason: Error | undefined) => {
      void tearDownLater(request, error ?? reason).then(() => {
        afterResponse(request)
      })
    })
    if (endWithUpgrade(request, end)) closeOthers(held, request.upgrade)
    else whenClosed(held, request.ctx, end)
  }
  return areSent
}

/** A web socket is the only body of its response: no other stream is sent. */
function closeOthers(streams: readonly Readable[], body: Readable | undefined): void {
  for (const stream of streams) if (stream !== body) stream.destroy()
}

/** Whether a stream may be on its way to the client, as it is or through another that reads it. */
const sendsStream = ({ body, method, respond }: Context): boolean =>
  method !== 'HEAD' && (body instanceof Readable || respond === false)

/** For when the running code may no longer belong to this request. */
async function tearDownLater(request: RequestContext, error: Error | undefined): Promise<void> {
  await runCoroutineIn(request, doTeardownRequest(request, error), request)
  request.noteEnd()
}

/** A request is over when its last byte is out or its client has disconnected, and its teardown has run. */
function afterResponse(request: RequestContext): void {
  const { inFlight, ctx } = request
  if (request.failure !== undefined) request.deferPage()
  const hasMethods = request.pipeline.afterResponse.length > 0 || request.afterThisResponse !== undefined
  if (!hasMethods && inFlight === undefined) return
  const runMethods = async () => {
    await runCoroutineIn(request, runAfterResponse(request), request)
    inFlight?.delete(request)
    if (inFlight !== undefined) noteUnreadBody(ctx)
  }
  const finish = hasMethods ? inThisScope(runMethods) : runMethods
  // Not at once, if the response is out already: what runs now has a deadline that ends with it.
  whenOver(request, () => {
    process.nextTick(finish)
  })
}

function* runAfterResponse(request: RequestContext): Coroutine<void> {
  const { pipeline, afterThisResponse = [] } = request
  const methods = [...afterThisResponse, ...pipeline.afterResponse]
  if (methods.length === 0) return
  const running = runIsolated(request, methods, outcomeOf(request), undefined)
  if (running !== undefined) yield* running
}
