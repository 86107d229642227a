import type Koa from 'koa'
import { AppContext } from './app-context'
import { runIn } from './context'
import { toError } from './errors'
import { requireLifecycle } from './middleware'
import { run } from './steps'
import { doTeardownAppContext } from './teardown'

/**
 * Runs `fn` outside of any request with a `g` of its own, for scripts and scheduled work. The `@TeardownAppContext`
 * methods run when it has ended, with the error that it threw.
 *
 * @param app what `bootstrap` returned, or a Koa application that uses `lifecycle(...)`
 * @returns what `fn` returned
 * @throws what `fn` threw, and a TypeError for an application without a lifecycle
 */
export async function withAppContext<T>(app: Koa, fn: () => T | PromiseLike<T>): Promise<T> {
  const lifecycle = requireLifecycle(app, 'withAppContext')
  const context = new AppContext(app, lifecycle, undefined)
  return runIn(context, async () => {
    let error: Error | undefined
    context.signal('appContextPushed')
    try {
      return await fn()
    } catch (thrown) {
      error = toError(thrown)
      throw thrown
    } finally {
      await run(doTeardownAppContext(context, error))
    }
  })
}
