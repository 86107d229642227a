import type Koa from 'koa'

/** An event of the application for the test client: the teardown of a request waits, with its `ctx`. */
export const TEARDOWN_DEFERRED = Symbol('flaskoa:teardownDeferred')

/**
 * In debug mode, the teardown of the one failed request that waits [7.7]: it runs before the next request, or when the server
 * closes.
 */
export class DeferredTeardown {
  #teardown: (() => Promise<void>) | undefined
  #running: Promise<void> | undefined

  /** Keeps a request's teardown for later. Only one is kept: an earlier one runs now. */
  async defer(ctx: Koa.Context, teardown: () => Promise<void>): Promise<void> {
    const earlier = this.#teardown
    this.#teardown = teardown
    ctx.app.emit(TEARDOWN_DEFERRED, ctx)
    await earlier?.()
  }

  /** Runs the teardown that waits, or waits for the one that runs. */
  async flush(): Promise<void> {
    const teardown = this.#teardown
    this.#teardown = undefined
    if (teardown !== undefined) this.#running = teardown()
    await this.#running
  }
}
