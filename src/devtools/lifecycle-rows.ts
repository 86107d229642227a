import type Koa from 'koa'
import { asText } from '../errors/describe'
import type { MethodStage } from '../lifecycle/watch'
import type { RequestContext } from '../request/request-context'
import { timelineOf, type Moment } from '../request/timeline'
import { ANONYMOUS, skippedMethods, type SkippedMethod } from './skipped-methods'
import { kindOf } from './values'

/** A method that ran. */
export interface RanMethod {
  readonly stage: MethodStage
  readonly method: string
  /** Milliseconds since the first method of the request began. */
  readonly at: number
  /** Milliseconds; `null` for a method that had not ended. */
  readonly duration: number | null
  /** `nothing`, `string (5 characters)`, `threw TypeError: …`. */
  readonly outcome: string
  readonly threw: boolean
}

/** What a request's lifecycle did: the methods in the order in which they began, and then those that did not run. */
export interface ShownLifecycle {
  readonly ran: readonly RanMethod[]
  readonly skipped: readonly SkippedMethod[]
}

/** `undefined` for a request that has come to no lifecycle. */
export function shownLifecycle(ctx: Koa.Context, request: RequestContext | undefined): ShownLifecycle | undefined {
  if (request === undefined) return undefined
  const moments = timelineOf(ctx)
  return { ran: moments.map(moment => ranMethod(moment, ctx)), skipped: skippedMethods(request, moments) }
}

function ranMethod({ stage, name, at, duration, outcome }: Moment, ctx: Koa.Context): RanMethod {
  const shared = {
    stage,
    method: name || ANONYMOUS,
    at: rounded(at),
    duration: duration === undefined ? null : rounded(duration),
  }
  if (outcome === undefined) return { ...shared, outcome: 'had not ended', threw: false }
  if ('error' in outcome) return { ...shared, outcome: `threw ${thrownText(outcome.error)}`, threw: true }
  return { ...shared, outcome: outcomeOf(outcome.result, ctx), threw: false }
}

const rounded = (milliseconds: number) => Math.round(milliseconds * 1000) / 1000

function outcomeOf(result: unknown, { response }: Koa.Context): string {
  if (result === undefined) return 'nothing'
  return result === response ? 'the response' : kindOf(result)
}

const LONGEST = 200

/** The first line of what was thrown: the page has all of it above. */
function thrownText(thrown: unknown): string {
  const line = asText(thrown).replace(/\n[^]*/, '')
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
