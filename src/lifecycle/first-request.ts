import { isThenable } from '../util/thenable'
import type { Coroutine } from './coroutine'

/** A request as seen from here. */
interface Starting {
  /**
   * Runs the application's `@OnStart` methods, unless that was done before.
   *
   * @returns a promise if they have not ended. It rejects if one of them has failed
   */
  whenStarted(): PromiseLike<void> | undefined
}

/** One run of all methods, by one request. */
class Run {
  end!: () => void
  /** Resolves when the run has passed, has failed, or was given up. */
  readonly ended = new Promise<void>(resolve => (this.end = resolve))
}

/**
 * Runs the before-first methods once for the whole application, however many requests arrive together [3], after its `@OnStart`
 * methods.
 */
export class FirstRequest {
  readonly #methods: readonly (() => unknown)[]
  #running: Run | undefined
  /** Whether all methods have run: from then on a request need not wait. */
  passed: boolean

  /** @param waitsForStart whether the application has `@OnStart` methods, which may not have run: a server of one's own asks for no start */
  constructor(methods: readonly (() => unknown)[], waitsForStart: boolean) {
    this.#methods = methods
    this.passed = methods.length === 0 && !waitsForStart
  }

  /**
   * Ends once all methods have run. A request that arrives while they run waits. If they fail, only the request that ran
   * them gets the error, and the next waiting request runs the whole list again [3.2, 3.3, 3.4].
   */
  *pass(request: Starting): Coroutine<void> {
    const starting = request.whenStarted()
    if (starting !== undefined) yield starting
    while (!this.passed) {
      if (this.#running === undefined) return yield* this.#run()
      yield this.#running.ended
    }
  }

  /**
   * A part of the request's own coroutine, so that the run ends with it: at the request's deadline the method that is waited
   * for has failed, the methods after it do not run, and what it does later changes nothing here.
   */
  *#run(): Coroutine<void> {
    const run = (this.#running = new Run())
    try {
      for (const method of this.#methods) {
        const result = method()
        if (isThenable(result)) yield withoutValue(result)
      }
      this.passed = true
    } finally {
      this.#running = undefined
      run.end()
    }
  }
}

/** What a method returns is ignored: a connection, for instance, must not be closed as a body that is not sent. */
async function withoutValue(result: PromiseLike<unknown>): Promise<void> {
  await result
}
