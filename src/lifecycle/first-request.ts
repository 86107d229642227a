import { isThenable } from '../util/thenable'

/** Runs the before-first methods once for the whole application, however many requests arrive together [3]. */
export class FirstRequest {
  readonly #methods: readonly (() => unknown)[]
  #running: Promise<void> | undefined
  /** Whether all methods have run: from then on a request need not wait. */
  passed: boolean

  constructor(methods: readonly (() => unknown)[]) {
    this.#methods = methods
    this.passed = methods.length === 0
  }

  /**
   * Resolves once all methods have run. A request that arrives while they run waits. If they fail, only the request that ran
   * them gets the error, and the next waiting request runs the whole list again [3.2, 3.3, 3.4].
   */
  async pass(): Promise<void> {
    while (!this.passed) {
      if (this.#running === undefined) return this.#run()
      await this.#running.catch(() => undefined)
    }
  }

  async #run(): Promise<void> {
    this.#running = runAll(this.#methods)
    try {
      await this.#running
      this.passed = true
    } finally {
      this.#running = undefined
    }
  }
}

async function runAll(methods: readonly (() => unknown)[]): Promise<void> {
  for (const method of methods) {
    const result = method()
    if (isThenable(result)) await result
  }
}
