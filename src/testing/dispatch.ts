import type { IncomingMessage } from 'node:http'
import type Koa from 'koa'
import inject, { type DispatchFunc, type InjectOptions, type Response } from 'light-my-request'
import { runtimeOf } from '../request/runtime'

/** One request that the client has sent: its error, and whether its teardown has run. */
class RequestProgress {
  /** The first error of the application's `error` event. */
  failure: { readonly error: unknown } | undefined
  /** The number of contexts that are not torn down yet: two if the application has two lifecycles. */
  open = 0
  #ended: (() => void) | undefined

  pop(): void {
    this.open--
    if (this.open === 0) this.#ended?.()
  }

  /** Waits for teardown, which with `streamWithContext` may run after the response has been read. */
  async end(): Promise<void> {
    if (this.open > 0) await new Promise<void>(resolve => (this.#ended = resolve))
  }
}

/** Sends one request and waits for its teardown. Throws the application's error if exceptions propagate. */
export async function dispatch(app: Koa, request: InjectOptions, propagates: boolean): Promise<Response> {
  const callback = app.callback()
  watch(app)
  const course = new RequestProgress()
  const listener: DispatchFunc = (req, res) => {
    progressByRequest.set(req, course)
    void callback(req, res)
  }
  const response = await inject(listener, request)
  // In debug mode, a teardown may wait for the next request.
  if (runtimeOf(app)?.deferredTeardown === undefined) await course.end()
  if (propagates && course.failure !== undefined) throw course.failure.error
  return response
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
  const courseOf = (ctx: Koa.Context | undefined) => (ctx === undefined ? undefined : progressByRequest.get(ctx.req))
  app.prependListener('appContextPushed', (ctx?: Koa.Context) => {
    const course = courseOf(ctx)
    if (course !== undefined) course.open++
  })
  app.prependListener('appContextPopped', (ctx?: Koa.Context) => courseOf(ctx)?.pop())
  app.prependListener('error', (error: unknown, ctx?: Koa.Context) => {
    const course = courseOf(ctx)
    if (course !== undefined) course.failure ??= { error }
  })
}
