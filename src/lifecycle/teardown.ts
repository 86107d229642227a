import { toError } from '../errors/describe'
import type { LifecycleEvents } from '../events'
import type { Context } from '../types'
import { isThenable } from '../util/thenable'
import type { Coroutine } from './coroutine'
import type { Exchange, Surroundings } from './exchange'

/**
 * Runs all teardown methods, each with the same error; one that throws does not stop the others [7.3, 7.6].
 *
 * @param done is called last
 */
export function* doTeardownRequest<E extends Exchange>(
  exchange: E,
  error: Error | undefined,
  done?: (exchange: E) => void,
): Coroutine<void> {
  const { teardown } = exchange.pipeline
  const { teardownAppContext } = exchange.plan
  const tearingDown = runIsolated(exchange, teardown, error, error)
  if (tearingDown !== undefined) yield* tearingDown
  if (exchange.hasListeners) emitTeardown(exchange, 'requestTearingDown', error)
  const tearingDownApp = runIsolated(exchange, teardownAppContext, error, error)
  if (tearingDownApp !== undefined) yield* tearingDownApp
  if (exchange.hasListeners) emitAppContextGone(exchange, error)
  done?.(exchange)
}

/** Runs the teardown methods of an application context outside of requests; in a request they run last [1.1]. */
export function* doTeardownAppContext(context: Surroundings, error: Error | undefined): Coroutine<void> {
  const tearingDown = runIsolated(context, context.plan.teardownAppContext, error, error)
  if (tearingDown !== undefined) yield* tearingDown
  emitAppContextGone(context, error)
}

function emitAppContextGone(context: Surroundings, error: Error | undefined): void {
  emitTeardown(context, 'appContextTearingDown', error)
  emitTeardown(context, 'appContextPopped')
}

type Methods<G> = readonly ((given: G, ctx: Context) => unknown)[]

/** A method that has to be waited for, and the index of the one after it. */
interface Pending {
  readonly running: PromiseLike<unknown>
  readonly next: number
}

/**
 * Runs all methods, even if some throw. Each error is reported, unless it is the error `known`.
 *
 * @param given the first argument of each method
 * @returns the rest of it, if a method has to be waited for (a coroutine for each request costs 0.4 %)
 */
export function runIsolated<G>(
  context: Surroundings,
  methods: Methods<G>,
  given: G,
  known: Error | undefined,
): Coroutine<void> | undefined {
  const pending = runFrom(0, context, methods, given, known)
  return pending === undefined ? undefined : waitIsolated(pending, context, methods, given, known)
}

function runFrom<G>(
  index: number,
  context: Surroundings,
  methods: Methods<G>,
  given: G,
  known: Error | undefined,
): Pending | undefined {
  for (; index < methods.length; index++) {
    try {
      const running = methods[index]?.(given, context.ctx as Context)
      if (isThenable(running)) return { running, next: index + 1 }
    } catch (thrown) {
      reportTeardown(context, known, thrown)
    }
  }
  return undefined
}

function* waitIsolated<G>(
  first: Pending,
  context: Surroundings,
  methods: Methods<G>,
  given: G,
  known: Error | undefined,
): Coroutine<void> {
  for (let pending: Pending | undefined = first; pending !== undefined;) {
    try {
      yield pending.running
    } catch (thrown) {
      reportTeardown(context, known, thrown)
    }
    pending = runFrom(pending.next, context, methods, given, known)
  }
}

function emitTeardown(context: Surroundings, name: keyof LifecycleEvents, ...args: [error?: Error | undefined]): void {
  try {
    context.emit(name, ...args)
  } catch (thrown) {
    reportTeardown(context, args[0], thrown)
  }
}

/** Reports an error, but not the request's own error thrown again: that one is reported elsewhere. */
function reportTeardown(context: Surroundings, error: Error | undefined, thrown: unknown): void {
  const failure = toError(thrown)
  if (failure !== error) context.report(failure)
}
