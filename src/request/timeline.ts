import { performance } from 'node:perf_hooks'
import type Koa from 'koa'
import type { MethodStage } from '../lifecycle/watch'
import { observe } from '../util/observe'
import type { CallRunner, MethodCall } from './watch-methods'

/** What one method did in one request. */
export interface Moment {
  readonly stage: MethodStage
  /** `Class.method` */
  readonly name: string
  /** Milliseconds since the first method of the request began. */
  readonly at: number
  /** Milliseconds; `undefined` as long as it runs. */
  duration?: number
  /** Once it has ended. */
  outcome?: Outcome
}

/** What a method returned or threw. */
type Outcome = { readonly result: unknown } | { readonly error: unknown }

interface Timeline {
  /** Milliseconds of `performance.now()`. */
  readonly start: number
  readonly moments: Moment[]
}

/** By `ctx`, and not in its RequestContext, of which there may be several, or none yet: only a watched request has one. */
const timelines = new WeakMap<Koa.Context, Timeline>()

/** The methods that have run for a request, in the order in which they began. */
export const timelineOf = (ctx: Koa.Context): readonly Moment[] => timelines.get(ctx)?.moments ?? []

/** Runs a call of a method and records it. */
export const recordCall: CallRunner = (call, run) => {
  const end = begin(call)
  return observe(
    run,
    result => {
      end({ result })
    },
    error => {
      end({ error })
    },
  )
}

/** Returns what notes the end of the call. */
function begin({ ctx, stage, name }: MethodCall): (outcome: Outcome) => void {
  if (ctx === undefined) return () => undefined
  const now = performance.now()
  const timeline = timelines.get(ctx) ?? { start: now, moments: [] }
  timelines.set(ctx, timeline)
  const moment: Moment = { stage, name, at: now - timeline.start }
  timeline.moments.push(moment)
  return outcome => Object.assign(moment, { duration: performance.now() - now, outcome })
}

/** The stages of a request for the header field `Server-Timing`, which browsers show beside it: milliseconds, and the methods. */
export function serverTiming(ctx: Koa.Context): string {
  const stages = new Map<MethodStage, Moment[]>()
  for (const moment of timelineOf(ctx)) stages.set(moment.stage, [...(stages.get(moment.stage) ?? []), moment])
  return [...stages].map(([stage, moments]) => entry(stage, moments)).join(', ')
}

/** Proxies and clients refuse a response whose fields are longer than a few thousand bytes. */
const MOST_NAMES = 10
const LONGEST_NAME = 60

function entry(stage: MethodStage, moments: readonly Moment[]): string {
  const total = moments.reduce((sum, { duration = 0 }) => sum + duration, 0)
  // A name is a string in quotes, in which no byte above ASCII and no control character may be.
  const shown = moments.slice(0, MOST_NAMES).map(({ name }) => name.replace(/[^ -~]|["\\]/g, '').slice(0, LONGEST_NAME))
  const names = shown.join(', ') + (moments.length > MOST_NAMES ? `, ${moments.length - MOST_NAMES} more` : '')
  return `${stage};dur=${total.toFixed(2)};desc="${names}"`
}
