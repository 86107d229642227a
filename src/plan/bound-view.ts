import { AnswersByStatus, type AnswerSettings } from '../answers/declared-answers'
import { assertAwaited } from '../answers/unawaited'
import { RequestInput } from '../input/request-input'
import type { Pipeline } from '../lifecycle/exchange'
import { observe } from '../util/observe'
import type { View } from './controller'

export type BoundView = Pipeline['view']

/** @param takesValues whether the view gets values before `ctx` */
export function viewOf(call: View['call'], takesValues: boolean): BoundView {
  return takesValues ? ({ values, ctx }) => call(values, ctx) : ({ ctx }) => call(ctx)
}

/** A view that gets the input that its route declares as well. */
export const viewWithInput =
  (call: View['call']): BoundView =>
  ({ values, ctx }) =>
    call(Object.assign(RequestInput.of(ctx).declared, values), ctx)

/** For debug and test mode: a view that fails where a promise in its answer is not awaited. */
export const withAwaited =
  (view: BoundView, name: string): BoundView =>
  exchange =>
    observe(
      () => view(exchange),
      value => assertAwaited(value, name),
      () => undefined,
    )

/** A view whose answers are checked by the option `response` of its route, if it has one. */
export function withAnswers(view: BoundView, response: unknown, settings: AnswerSettings): BoundView {
  if (response === undefined) return view
  const answers = new AnswersByStatus(response, settings)
  return exchange => exchange.response.answerDeclared(view, answers, exchange)
}
