import type { IncomingMessage } from 'node:http'
import type Koa from 'koa'
import inject, { type DispatchFunc, type InjectOptions, type Response } from 'light-my-request'
import { runtimeOf } from '../request/runtime'

/** What became of one request besides its response. */
class RequestProgress {
  /** The first error that the application was told of. */
  failure: { readonly error: unknown } | undefined
  /** Contexts that are not torn down yet: two when an application has two lifecycles. */
  open = 0
  #ended: (() => void) | undefined

  pop(): void {
    this.open--
    if (this.open === 0) this.#ended?.()
  }

  /** A stream that keeps its context may be read to its end before teardown has run. */
  async end(): Promise<void> {
    if (this.open > 0) await new Promise<void>(resolve => (this.#ended = resolve))
  }
}

/** One request, to the end of its teardown; where exceptions propagate, the application's error and not its response. */
export async function dispatch(app: Koa, request: InjectOptions, propagates: boolean): Promise<Response> {
  const callback = app.callback()
  watch(app)
  const course = new RequestProgress()
  const listener: DispatchFunc = (req, res) => {
    progressByRequest.set(req, course)
    void callback(req, res)
  }
  const response = await inject(listener, request)
  // In debug mode a teardown may wait for the next request.
  if (runtimeOf(app)?.deferredTeardown === undefined) await course.end()
  if (propagates && course.failure !== undefined) throw course.failure.error
  return response
}

const watchedApps = new WeakSet<Koa>()
const progressByRequest = new WeakMap<IncomingMessage, RequestProgress>()

/** Listens once, however many requests run; before others, since a listener that throws is the last to be asked. */
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
