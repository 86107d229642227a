import { toError } from './errors'
import type { Exchange, Surroundings } from './exchange'
import type { Steps } from './steps'
import { isThenable } from './thenable'

/** All teardown methods, each with the same error; one that throws does not stop the others [7.3, 7.6]. */
export function* doTeardownRequest<C, R>(exchange: Exchange<C, R>, error: Error | undefined): Steps<void> {
  const { teardown } = exchange.pipeline
  if (teardown.length > 0) yield* runEach(exchange, teardown, error, error)
  signalTeardown(exchange, 'requestTearingDown', error)
  if (exchange.teardownAppContext.length > 0) yield* runEach(exchange, exchange.teardownAppContext, error, error)
  signalAppContextGone(exchange, error)
  exchange.tornDown()
}

/** The application context's own, which come after those of a request [1.1], where there is no request. */
export function* doTeardownAppContext<C>(context: Surroundings<C>, error: Error | undefined): Steps<void> {
  yield* runEach(context, context.teardownAppContext, error, error)
  signalAppContextGone(context, error)
}

function signalAppContextGone<C>(context: Surroundings<C>, error: Error | undefined): void {
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
