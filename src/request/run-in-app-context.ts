import { toError } from '../errors/describe'
import { doTeardownAppContext } from '../lifecycle/teardown'
import type { AppContext } from './app-context'
import { runCoroutineIn, runIn } from './storage'

/** Runs `fn` in an application context, then its `@TeardownAppContext` methods, with the error that `fn` threw. */
export async function runInAppContext<T>(context: AppContext, fn: () => T | PromiseLike<T>): Promise<T> {
  return runIn(context, async () => {
    let error: Error | undefined
    try {
      context.emit('appContextPushed')
      return await fn()
    } catch (thrown) {
      error = toError(thrown)
      throw thrown
    } finally {
      await runCoroutineIn(context, doTeardownAppContext(context, error))
    }
  })
}
