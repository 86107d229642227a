import { toError } from '../errors/describe'
import type { Context } from '../types'
import { isThenable } from '../util/thenable'
import type { Coroutine } from './coroutine'
import type { Exchange, Surroundings } from './exchange'

/**
 * Runs all teardown methods, each with the same error; one that throws does not stop the others [7.3, 7.6].
 *
 * @param done the last step
 */
export function* doTeardownRequest<E extends Exchange>(
  exchange: E,
  error: Error | undefined,
  done?: (exchange: E) => void,
): Coroutine<void> {
  const { teardown } = exchange.pipeline
  const { teardownAppContext } = exchange.plan
  if (teardown.length > 0) yield* runEach(exchange, teardown, error, error)
  if (exchange.hasListeners) emitTeardown(exchange, 'requestTearingDown', error)
  if (teardownAppContext.length > 0) yield* runEach(exchange, teardownAppContext, error, error)
  if (exchange.hasListeners) emitAppContextGone(exchange, error)
  done?.(exchange)
}

/** Runs the application context's own methods, which come after those of a request [1.1], where there is no request. */
export function* doTeardownAppContext(context: Surroundings, error: Error | undefined): Coroutine<void> {
  yield* runEach(context, context.plan.teardownAppContext, error, error)
  emitAppContextGone(context, error)
}

function emitAppContextGone(context: Surroundings, error: Error | undefined): void {
  emitTeardown(context, 'appContextTearingDown', error)
  emitTeardown(context, 'appContextPopped')
}

/**
 * Runs methods none of which stops the others. What one throws is reported, unless it is the error `known`.
 *
 * @param given their first argument
 */
export function* runEach<G>(
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

function emitTeardown(context: Surroundings, name: string, ...args: [error?: Error | undefined]): void {
  try {
    context.emit(name, ...args)
  } catch (thrown) {
    reportTeardown(context, args[0], thrown)
  }
}

/** The request's own error, thrown again, was reported already, or is by the caller that it leaves to. */
function reportTeardown(context: Surroundings, error: Error | undefined, thrown: unknown): void {
  const failure = toError(thrown)
  if (failure !== error) context.report(failure)
}
