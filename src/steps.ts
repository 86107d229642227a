import { toError } from './errors'
import { isInterruption } from './interruptions'
import type { Awaitable } from './types'

/**
 * Work that yields the promises it must wait for and gets back what they hold. Written once, it runs at once as long as
 * methods are synchronous, and behind one promise when they are not, however many there are.
 *
 * Loops in it count an index: V8 does not inline `for (… of …)` in a generator (5 % of a request).
 */
export type Steps<T> = Generator<PromiseLike<unknown>, T, unknown>

/** Who wants to know of work that waits. */
export interface Observer {
  /** It waits for the first time. */
  begins(waiting: Waiting): Watch
  /** What it no longer waited for has come. */
  discard(value: unknown): void
  /** What it no longer waited for has failed, and not for that reason. */
  report(error: Error): void
}

/** What an observer has for one piece of work. */
export interface Watch {
  /** It has ended. */
  ends(): void
}

/** Work that waits, and can be told to wait no longer. */
export interface Waiting {
  /** Throws `error` into the work at the place where it waits. */
  interrupt(error: Error): void
}

/** Runs work to its end, and before this returns if it never has to wait. Throws or rejects with what leaves the work. */
export function run<T>(steps: Steps<T>, observer?: Observer): Awaitable<T> {
  const step = steps.next()
  if (step.done === true) return step.value
  return new Promise<T>((resolve, reject) => {
    const driver = new Driver(steps, resolve, reject, observer)
    driver.watch = observer?.begins(driver)
    driver.follow(step)
  })
}

/** Promises' own. */
const { then } = Promise.prototype // eslint-disable-line @typescript-eslint/unbound-method -- called with each

/** Waits for one promise after the other. After an interruption another driver goes on with the same work. */
class Driver<T> implements Waiting {
  private successor: Driver<T> | undefined
  watch: Watch | undefined

  constructor(
    private readonly steps: Steps<T>,
    private readonly resolve: (value: T) => void,
    private readonly reject: (error: unknown) => void,
    private readonly observer: Observer | undefined,
  ) {}

  private readonly proceed = (value: unknown): void => {
    if (this.successor === undefined) this.advance(() => this.steps.next(value))
    else this.observer?.discard(value)
  }

  private readonly fail = (error: unknown): void => {
    if (this.successor === undefined) this.advance(() => this.steps.throw(error))
    else if (!isInterruption(error)) this.observer?.report(toError(error))
  }

  follow(step: IteratorResult<PromiseLike<unknown>, T>): void {
    // As `await` does: not by a `then` that somebody has put on the promise, which may throw, or call back at once or twice.
    if (step.done !== true) return void then.call(Promise.resolve(step.value), this.proceed, this.fail)
    this.watch?.ends()
    this.resolve(step.value)
  }

  interrupt(error: Error): void {
    if (this.successor !== undefined) return this.successor.interrupt(error)
    this.successor = new Driver(this.steps, this.resolve, this.reject, this.observer)
    this.successor.watch = this.watch
    this.successor.fail(error)
  }

  private advance(take: () => IteratorResult<PromiseLike<unknown>, T>): void {
    let step: IteratorResult<PromiseLike<unknown>, T>
    try {
      step = take()
    } catch (error) {
      this.watch?.ends()
      return this.reject(error)
    }
    this.follow(step)
  }
}
