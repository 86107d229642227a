import { toError } from '../errors/describe'
import type { Awaitable } from '../types'
import { isInterruption } from './interruption'

/**
 * `co` with a synchronous fast path: a generator that yields the promises it waits for. Written once, it runs at once as long
 * as methods are synchronous, and behind one promise when they are not.
 *
 * Loops in a coroutine count an index: V8 does not inline `for (… of …)` in a generator (5 % of a request).
 */
export type Coroutine<T> = Generator<PromiseLike<unknown>, T, unknown>

/** What runs a coroutine. */
export type Steps<T> = Pick<Coroutine<T>, 'next' | 'throw'>

/** The request that tasks belong to: `tasks` is asked for when one of its coroutines waits for the first time. */
export interface TaskOwner {
  readonly tasks: {
    started(task: Task): void
    ended(task: Task): void
    /** A promise that an interrupted task no longer waits for was fulfilled. */
    discard(value: unknown): void
    /** A promise that an interrupted task no longer waits for was rejected. */
    report(error: Error): void
  }
}

/** Runs a coroutine to its end, before this returns if it never has to wait. Throws or rejects with what it throws. */
export function run<T>(coroutine: Steps<T>, owner?: TaskOwner): Awaitable<T> {
  const step = coroutine.next()
  if (step.done === true) return step.value
  return new Promise<T>((resolve, reject) => {
    const task = new Task<T>(coroutine, resolve, reject, owner?.tasks)
    owner?.tasks.started(task as Task)
    task.follow(step)
  })
}

const { then } = Promise.prototype // eslint-disable-line @typescript-eslint/unbound-method -- called with each

interface Listener {
  readonly fulfilled: (value: unknown) => void
  readonly rejected: (error: unknown) => void
}

/**
 * A coroutine that waits, for one promise after the other, until it ends.
 * (`private`, not `#`: `#` fields cost each `await` a little.)
 */
export class Task<T = unknown> {
  /** When it is interrupted, in milliseconds from now: the owner's. */
  deadline: NodeJS.Timeout | undefined = undefined
  private readonly coroutine: Steps<T>
  private readonly resolve: (value: T) => void
  private readonly reject: (error: unknown) => void
  private readonly siblings: TaskOwner['tasks'] | undefined
  /** Listens to the promise that is waited for. An interruption puts another one in its place. */
  private listener: Listener

  constructor(
    coroutine: Steps<T>,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
    siblings: TaskOwner['tasks'] | undefined,
  ) {
    this.coroutine = coroutine
    this.resolve = resolve
    this.reject = reject
    this.siblings = siblings
    this.listener = this.listen()
  }

  follow(step: IteratorResult<PromiseLike<unknown>, T>): void {
    if (step.done === true) return this.end(this.resolve, step.value)
    const { fulfilled, rejected } = this.listener
    // As `await` does: not by a `then` that was put on the promise, which may throw, or call back at once or twice.
    void then.call(Promise.resolve(step.value), fulfilled, rejected)
  }

  /** Throws `error` into the coroutine at the place where it waits. */
  interrupt(error: Error): void {
    this.listener = this.listen()
    this.fail(error)
  }

  private listen(): Listener {
    const listener: Listener = {
      fulfilled: value => {
        if (this.listener === listener) this.resume(value)
        else this.siblings?.discard(value)
      },
      rejected: error => {
        if (this.listener === listener) this.fail(error)
        else if (!isInterruption(error)) this.siblings?.report(toError(error))
      },
    }
    return listener
  }

  private resume(value: unknown): void {
    let step: IteratorResult<PromiseLike<unknown>, T>
    try {
      step = this.coroutine.next(value)
    } catch (error) {
      return this.end(this.reject, error)
    }
    this.follow(step)
  }

  private fail(error: unknown): void {
    let step: IteratorResult<PromiseLike<unknown>, T>
    try {
      step = this.coroutine.throw(error)
    } catch (thrown) {
      return this.end(this.reject, thrown)
    }
    this.follow(step)
  }

  private end<V>(settle: (value: V) => void, value: V): void {
    if (this.deadline !== undefined) clearTimeout(this.deadline)
    this.siblings?.ended(this as Task)
    settle(value)
  }
}
