import type { IncomingMessage, RequestListener } from 'node:http'
import type Koa from 'koa'
import { TEARDOWN_DEFERRED } from '../request/deferred-teardown'
import { runningContext } from '../request/storage'
import type { Globals } from '../types'
import { sendRequest, type ReceivedResponse, type SentRequest } from './send-request'

/** One request that the client has sent: its error, whether its teardown has run, and its `g`. */
export class RequestProgress {
  /** The first error of the application's `error` event. */
  failure: { readonly error: unknown } | undefined
  /** `undefined` for a request that has reached no lifecycle. */
  g: Globals | undefined
  /** The number of contexts that are not torn down yet: two if the application has two lifecycles. */
  #open = 0
  #ended: (() => void) | undefined

  push(g: Globals | undefined): void {
    this.g = g
    this.#open++
  }

  /** A context has been torn down, or in debug mode its teardown waits for the next request. */
  pop(): void {
    this.#open--
    if (this.#open === 0) this.#ended?.()
  }

  /** Waits for teardown, which may run after the response has been read, or after the connection broke. */
  async end(): Promise<void> {
    if (this.#open > 0) await new Promise<void>(resolve => (this.#ended = resolve))
  }
}

/**
 * Sends one request and waits for its teardown. Throws the application's error if exceptions propagate.
 *
 * @param ended gets the request's `g`, before the promise is settled
 */
export async function dispatch(
  app: Koa,
  request: SentRequest,
  propagates: boolean,
  ended: (g: Globals | undefined) => void,
): Promise<ReceivedResponse> {
  const { listener, progress } = follow(app)
  const [outcome] = await Promise.allSettled([sendRequest(listener, request)])
  await progress.end()
  ended(progress.g)
  if (propagates && progress.failure !== undefined) throw progress.failure.error
  if (outcome.status === 'rejected') throw outcome.reason
  return outcome.value
}

/** A listener that passes one request to an application, and what becomes of the request. */
export function follow(app: Koa): { readonly listener: RequestListener; readonly progress: RequestProgress } {
  const callback = app.callback()
  watch(app)
  const progress = new RequestProgress()
  const listener: RequestListener = (req, res) => {
    progressByRequest.set(req, progress)
    void callback(req, res)
  }
  return { listener, progress }
}

// Weak collections: neither a property on the user's application nor on Node's request, and the client keeps none of
// them alive.
const watchedApps = new WeakSet<Koa>()
const progressByRequest = new WeakMap<IncomingMessage, RequestProgress>()

/**
 * Adds the listeners once for each application, in front: after a listener that throws, no other listener is called.
 */
function watch(app: Koa): void {
  if (watchedApps.has(app)) return
  watchedApps.add(app)
  const progressOf = (ctx: Koa.Context | undefined) => (ctx === undefined ? undefined : progressByRequest.get(ctx.req))
  const pop = (ctx?: Koa.Context) => progressOf(ctx)?.pop()
  app.prependListener('appContextPushed', (ctx?: Koa.Context) => {
    progressOf(ctx)?.push(runningContext()?.g)
  })
  app.prependListener('appContextPopped', pop)
  app.prependListener(TEARDOWN_DEFERRED, pop)
  app.prependListener('error', (error: unknown, ctx?: Koa.Context) => {
    const progress = progressOf(ctx)
    if (progress !== undefined) progress.failure ??= { error }
  })
}
