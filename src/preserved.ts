/**
 * In debug mode, the one failed request whose teardown waits (docs/rules.md 7.7): it runs before the next request or when the
 * server closes.
 */
export class Preserved {
  #teardown: (() => Promise<void>) | undefined
  #running: Promise<void> | undefined

  /** Keeps a request's teardown. Only one is kept: an earlier one runs now. */
  async keep(teardown: () => Promise<void>): Promise<void> {
    const earlier = this.#teardown
    this.#teardown = teardown
    await earlier?.()
  }

  /** Runs the teardown that waits, if there is one, or waits for the one that runs. */
  async release(): Promise<void> {
    const teardown = this.#teardown
    this.#teardown = undefined
    if (teardown !== undefined) this.#running = teardown()
    await this.#running
  }
}
