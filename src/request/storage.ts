import { AsyncLocalStorage, executionAsyncId } from 'node:async_hooks'
import type { AppContext, Generation } from './app-context'

/** The request, or the bare application context, that the running code belongs to, through all that it started. */
const storage = new AsyncLocalStorage<Generation>()

/**
 * What the storage holds, for as long as the code that was entered last has not returned, and the id of its execution: code
 * that was bound to another request runs under another id. To ask the storage costs many times as much on Node 20 and 22.
 */
let entered: Generation | undefined
let enteredId = 0

/** Runs `fn` in a context, with all that it starts. */
export function runIn<A extends unknown[], T>(context: AppContext, fn: (...args: A) => T, ...args: A): T {
  const outer = entered
  const outerId = enteredId
  const { generation } = context
  entered = generation
  enteredId = executionAsyncId()
  try {
    return storage.run(generation, fn, ...args)
  } finally {
    entered = outer
    enteredId = outerId
  }
}

/** The generation that the running code was started in. It differs from the context's own after an interruption. */
export function runningGeneration(): Generation | undefined {
  return entered !== undefined && executionAsyncId() === enteredId ? entered : storage.getStore()
}

/** The context that the running code belongs to, if it belongs to one. */
export function runningContext(): AppContext | undefined {
  return runningGeneration()?.context
}
