import type Koa from 'koa'
import { AppContext } from '../request/app-context'
import { runCoroutineIn, runIn } from '../request/storage'
import { checkFunction } from '../errors/check-options'
import { toError } from '../errors/describe'
import { requireRuntime } from '../request/runtime'
import { doTeardownAppContext } from '../lifecycle/teardown'

/**
 * Runs `fn` outside of any request with a `g` of its own, for scripts and scheduled work. After it, the
 * `@TeardownAppContext` methods run, with the error that `fn` threw.
 *
 * @param app an application from `bootstrap`, or a Koa application that uses `lifecycle(...)`
 * @returns the result of `fn`
 * @throws the error of `fn`, and a TypeError for an application without a lifecycle
 */
export async function withAppContext<T>(app: Koa, fn: () => T | PromiseLike<T>): Promise<T> {
  const runtime = requireRuntime(app, 'withAppContext')
  checkFunction(fn, "withAppContext(app, () => urlFor('index'))")
  const context = new AppContext(app, runtime, undefined)
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
