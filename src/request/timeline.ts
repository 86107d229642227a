import { performance } from 'node:perf_hooks'
import type Koa from 'koa'
import type { MethodStage } from '../lifecycle/watch'
import { methodCalls, type MethodCall } from './watch-methods'

/** What one method did in one request. */
export interface Moment {
  readonly stage: MethodStage
  /** `Class.method` */
  readonly name: string
  /** Milliseconds since the first method of the request began. */
  readonly at: number
  /** Milliseconds; `undefined` as long as it runs. */
  duration?: number
  /** What it returned or threw, once it has ended. */
  readonly call: MethodCall
}

interface Timeline {
  /** Milliseconds of `performance.now()`. */
  readonly start: number
  readonly moments: Moment[]
}

/** By `ctx`, and not in its RequestContext, of which there may be several, or none yet: only a watched request has one. */
const timelines = new WeakMap<Koa.Context, Timeline>()
const running = new WeakMap<MethodCall, Moment>()

/** The methods that have run for a request, in the order in which they began. */
export const timelineOf = (ctx: Koa.Context): readonly Moment[] => timelines.get(ctx)?.moments ?? []

/** Records from now on what the methods of all applications do that are made after this. */
export function recordTimelines(): void {
  isRecording ||= startRecording()
}

let isRecording = false

function startRecording(): true {
  methodCalls.subscribe({ start: begin, end, asyncStart: () => undefined, asyncEnd: end, error: () => undefined })
  return true
}

function begin(call: MethodCall): void {
  if (call.ctx === undefined) return
  const now = performance.now()
  const timeline = timelines.get(call.ctx) ?? { start: now, moments: [] }
  timelines.set(call.ctx, timeline)
  const moment: Moment = { stage: call.stage, name: call.name, at: now - timeline.start, call }
  timeline.moments.push(moment)
  running.set(call, moment)
}

/** A method that returned a promise has ended when that has. */
function end(call: MethodCall): void {
  const moment = running.get(call)
  if (moment === undefined || !('result' in call || 'error' in call)) return
  running.delete(call)
  const { start } = timelines.get(call.ctx as Koa.Context) as Timeline
  moment.duration = performance.now() - start - moment.at
}

/** The stages of a request for the header field `Server-Timing`, which browsers show beside it: milliseconds, and the methods. */
export function serverTiming(ctx: Koa.Context): string {
  const stages = new Map<MethodStage, Moment[]>()
  for (const moment of timelineOf(ctx)) stages.set(moment.stage, [...(stages.get(moment.stage) ?? []), moment])
  return [...stages].map(([stage, moments]) => entry(stage, moments)).join(', ')
}

function entry(stage: MethodStage, moments: readonly Moment[]): string {
  const total = moments.reduce((sum, { duration = 0 }) => sum + duration, 0)
  // A name is a string in quotes, in which no byte above ASCII and no control character may be.
  const names = moments.map(({ name }) => name.replace(/[^ -~]|["\\]/g, '')).join(', ')
  return `${stage};dur=${total.toFixed(2)};desc="${names}"`
}
