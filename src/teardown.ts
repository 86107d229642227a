import { toError } from './errors'
import type { Exchange, Surroundings } from './exchange'
import type { Steps } from './steps'
import { isThenable } from './thenable'

/** All teardown methods, each with the same error; one that throws does not stop the others [7.3, 7.6]. Never throws. */
export function* doTeardownRequest<C, R>(exchange: Exchange<C, R>, error: Error | undefined): Steps<void> {
  yield* runEach(exchange, exchange.pipeline.teardown, error, error)
  signalTeardown(exchange, 'requestTearingDown', error)
  yield* doTeardownAppContext(exchange, error)
}

/** The application context's own, after those of the request [1.1]. */
export function* doTeardownAppContext<C>(context: Surroundings<C>, error: Error | undefined): Steps<void> {
  yield* runEach(context, context.teardownAppContext, error, error)
  signalTeardown(context, 'appContextTearingDown', error)
  signalTeardown(context, 'appContextPopped')
}

/**
 * Runs methods of which none stops the others. What one throws is told, unless it is the error that is `known`.
 *
 * @param given their first argument
 */
export function* runEach<C, G>(
  context: Surroundings<C>,
  methods: readonly ((given: G, ctx: C) => unknown)[],
  given: G,
  known: Error | undefined,
): Steps<void> {
  for (let index = 0; index < methods.length; index++) {
    try {
      const running = methods[index]?.(given, context.ctx as C)
      if (isThenable(running)) yield running
    } catch (thrown) {
      reportTeardown(context, known, thrown)
    }
  }
}

function signalTeardown<C>(context: Surroundings<C>, name: string, ...given: [error?: Error | undefined]): void {
  try {
    context.signal(name, ...given)
  } catch (thrown) {
    reportTeardown(context, given[0], thrown)
  }
}

/** The request's own error, thrown again, is told already, or by those whom it leaves to. */
function reportTeardown<C>(context: Surroundings<C>, error: Error | undefined, thrown: unknown): void {
  const failure = toError(thrown)
  if (failure !== error) context.report(failure)
}
