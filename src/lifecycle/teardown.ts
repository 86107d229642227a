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
  if (teardown.length > 0) yield* runIsolated(exchange, teardown, error, error)
  if (exchange.hasListeners) emitTeardown(exchange, 'requestTearingDown', error)
  if (teardownAppContext.length > 0) yield* runIsolated(exchange, teardownAppContext, error, error)
  if (exchange.hasListeners) emitAppContextGone(exchange, error)
  done?.(exchange)
}

/** Runs the teardown methods of an application context outside of requests; in a request they run last [1.1]. */
export function* doTeardownAppContext(context: Surroundings, error: Error | undefined): Coroutine<void> {
  yield* runIsolated(context, context.plan.teardownAppContext, error, error)
  emitAppContextGone(context, error)
}

function emitAppContextGone(context: Surroundings, error: Error | undefined): void {
  emitTeardown(context, 'appContextTearingDown', error)
  emitTeardown(context, 'appContextPopped')
}

/**
 * Runs all methods, even if some throw. Each error is reported, unless it is the error `known`.
 *
 * @param given the first argument of each method
 */
export function* runIsolated<G>(
  context: Surroundings,
  methods: readonly ((given: G, ctx: Context) => unknown)[],
  given: G,
  known: Error | undefined,
): Coroutine<void> {
  for (let index = 0; index < methods.length; index++) {
    try {
      const running = methods[index]?.(given, context.ctx as Context)
      if (isThenable(running)) yield running
    } catch (thrown) {
      reportTeardown(context, known, thrown)
    }
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
