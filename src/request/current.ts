import type { AppContext } from './app-context'
import type { RequestContext } from './request-context'
import { isContextLimited } from './runtime'
import { runningContext, runningGeneration } from './storage'

const HINT =
  'A stream runs after its request: streamWithContext(source) keeps it. Code that was started elsewhere gets what it needs ' +
  'as an argument; a task in a worker or a shared queue runs with AsyncResource.bind(task).'

const LIMITED =
  'With asyncContext: false that ends with the first await of a method: use ctx.g, ctx.session and ctx.request after it, or ' +
  "withRequestContext(ctx, () => urlFor('index'))."

/** The current request. Throws an error that names `what` was used when there is none. */
export function current(what: string): RequestContext {
  const context = runningContext()
  if (context?.ctx !== undefined) return context as RequestContext
  throw usedOutside(what, isContextLimited ? LIMITED : HINT)
}

export const usedOutside = (what: string, hint: string) =>
  new Error(
    `${what} was used outside of a request. It belongs to one request, so it works in the methods of a controller and in ` +
      `what they call. ${hint}`,
  )

/** The current request, for functions that change its response. Throws the reason in code that was interrupted. */
export function currentToAnswer(what: string): RequestContext {
  const request = current(what)
  if (runningGeneration() !== request.generation) throw request.tasks.interruption as Error
  return request
}

/** The current request's context, or that of `withAppContext`. */
export function currentAppContext(what: string): AppContext {
  return runningContext() ?? current(what)
}
