import type Koa from 'koa'
import { AppContext } from '../request/app-context'
import { runInAppContext } from '../request/run-in-app-context'
import { checkFunction } from '../errors/check-options'
import { requireRuntime } from '../request/runtime'

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
  return runInAppContext(new AppContext(app, runtime, undefined), fn)
}
