import { AsyncLocalStorage, executionAsyncId } from 'node:async_hooks'
import { run, type Coroutine, type Steps, type TaskOwner } from '../lifecycle/coroutine'
import type { Awaitable } from '../types'
import type { AppContext, Generation } from './app-context'

/** The request, or the bare application context, that the running code belongs to, through all that it started. */
const storage = new AsyncLocalStorage<Generation>()

/**
 * The same for `asyncContext: false`, for as long as the code that was entered last has not returned or come to an `await`,
 * and the id of its execution: code that was bound elsewhere runs under another id.
 */
let entered: Generation | undefined
let enteredId = 0

/** Runs `fn` in a context, with all that it starts; with `asyncContext: false` only until its first `await`. */
export function runIn<A extends unknown[], T>(context: AppContext, fn: (...args: A) => T, ...args: A): T {
  if (entered === undefined && context.runtime.asyncContext) return storage.run(context.generation, fn, ...args)
  return enter(context, fn, ...args)
}

function enter<A extends unknown[], T>(context: AppContext, fn: (...args: A) => T, ...args: A): T {
  const outer = entered
  const outerId = enteredId
  const { generation } = context
  // Inside of a lifecycle that keeps its context, this one must: after an `await` the code would belong to the outer one.
  const isKept = context.runtime.asyncContext || storage.getStore() !== undefined
  entered = isKept ? undefined : generation
  enteredId = executionAsyncId()
  try {
    return isKept ? storage.run(generation, fn, ...args) : fn(...args)
  } finally {
    entered = outer
    enteredId = outerId
  }
}

/** Runs a coroutine in a context, all of it. */
export function runCoroutineIn<T>(context: AppContext, coroutine: Coroutine<T>, owner?: TaskOwner): Awaitable<T> {
  if (!context.runtime.asyncContext) return run(new StepsIn(context, coroutine), owner)
  // Not `runIn`, whose list of arguments costs each request a little.
  if (entered === undefined) return storage.run(context.generation, run<T>, coroutine, owner)
  return enter(context, run<T>, coroutine, owner)
}

/** The same coroutine, each step of which is run in a context. */
class StepsIn<T> implements Steps<T> {
  constructor(
    private readonly context: AppContext,
    private readonly coroutine: Coroutine<T>,
  ) {}

  /** Not by `runIn`, whose list of arguments costs each `await` a tenth. */
  next(value?: unknown): IteratorResult<PromiseLike<unknown>, T> {
    if (storage.getStore() !== undefined) return enter(this.context, () => this.coroutine.next(value))
    const outer = entered
    const outerId = enteredId
    entered = this.context.generation
    enteredId = executionAsyncId()
    try {
      return this.coroutine.next(value)
    } finally {
      entered = outer
      enteredId = outerId
    }
  }

  throw(error: unknown): IteratorResult<PromiseLike<unknown>, T> {
    return enter(this.context, () => this.coroutine.throw(error))
  }
}

/** The generation that the running code was started in. It differs from the context's own after an interruption. */
export function runningGeneration(): Generation | undefined {
  if (entered === undefined) return storage.getStore()
  return executionAsyncId() === enteredId ? entered : undefined
}

/** The context that the running code belongs to, if it belongs to one. */
export function runningContext(): AppContext | undefined {
  return runningGeneration()?.context
}
