import { tracingChannel } from 'node:diagnostics_channel'
import type { MethodStage, Watch } from '../lifecycle/watch'
import type { Context } from '../types'
import { observe } from '../util/observe'
import { ORIGINAL } from '../util/original'
import { runningContext } from './storage'

/** One call of a method of a controller, as the subscribers of the channel get it. */
export interface MethodCall {
  readonly stage: MethodStage
  /** `Class.method`; of the stage `input` the places that are read: `query, body`. */
  readonly name: string
  /** `undefined` outside of a request. */
  readonly ctx: Context | undefined
  /** Once the method has returned, and its promise is fulfilled. */
  result?: unknown
  /** Once the method has thrown, or its promise is rejected. */
  error?: unknown
}

/**
 * The tracing channel `flaskoa:method`, with Node's rules: `start` and `end` around the call, `asyncStart` and `asyncEnd` around the
 * end of its promise if it returned one, `error` for what it threw.
 */
const methodCalls = tracingChannel<object, MethodCall>('flaskoa:method')

/** Runs a call of a method in something of its own, for instance in a span. */
export type CallRunner = (call: MethodCall, run: () => unknown) => unknown

let runner: CallRunner | undefined

/** Has `runCall` run the methods of all applications that are made after this: a subscriber of the channel can only look on. */
export function runCallsWith(runCall: CallRunner): void {
  runner = runCall
}

/**
 * The watch of an application that is made now.
 *
 * @param record runs each call as well; without it and without a subscriber there is no watch, so that nothing is paid for it
 */
export function watchOf(record?: CallRunner): Watch | undefined {
  if (record === undefined && runner === undefined && !methodCalls.hasSubscribers) return undefined
  return (fn, stage) => watched(fn, stage, record)
}

function watched<F extends (...args: never[]) => unknown>(
  fn: F,
  stage: MethodStage,
  record: CallRunner | undefined,
): F {
  const { name } = fn
  const watching = (...args: never[]) => {
    const call: MethodCall = { stage, name, ctx: runningContext()?.ctx }
    const recorded = within(record, call, () => fn(...args))
    const run = within(runner, call, recorded)
    return methodCalls.start.runStores(call, () => publish(call, run))
  }
  return Object.defineProperties(watching, { name: { value: name }, [ORIGINAL]: { value: fn } }) as unknown as F
}

const within = (runCall: CallRunner | undefined, call: MethodCall, run: () => unknown): (() => unknown) =>
  runCall === undefined ? run : () => runCall(call, run)

function publish(call: MethodCall, run: () => unknown): unknown {
  let isLater = false
  const settle = () => {
    if (!isLater) return
    methodCalls.asyncStart.publish(call)
    methodCalls.asyncEnd.publish(call)
  }
  const returned = (result: unknown) => {
    call.result = result
    settle()
  }
  const threw = (error: unknown) => {
    call.error = error
    methodCalls.error.publish(call)
    settle()
  }
  try {
    return observe(run, returned, threw)
  } finally {
    isLater = true
    methodCalls.end.publish(call)
  }
}
