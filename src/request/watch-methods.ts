import { tracingChannel } from 'node:diagnostics_channel'
import type { MethodStage, Watch } from '../lifecycle/watch'
import type { Context } from '../types'
import { ORIGINAL } from '../util/original'
import { isThenable } from '../util/thenable'
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
export const methodCalls = tracingChannel<object, MethodCall>('flaskoa:method')

/** Runs a call of a method in something of its own, for instance in a span. */
type CallRunner = (call: MethodCall, run: () => unknown) => unknown

let runner: CallRunner | undefined

/** Has `runCall` run the methods of all applications that are made after this: a subscriber of the channel can only look on. */
export function runCallsWith(runCall: CallRunner): void {
  runner = runCall
}

/** The watch of an application that is made now: `undefined` if there is no subscriber, so that nothing is paid for it. */
export const watchOfSubscribers = (): Watch | undefined =>
  methodCalls.hasSubscribers || runner !== undefined ? watched : undefined

const watched: Watch = (fn, stage) => {
  const { name } = fn
  const watching = (...args: never[]) => {
    const call: MethodCall = { stage, name, ctx: runningContext()?.ctx }
    const run = () => fn(...args)
    const runCall = runner
    return methodCalls.start.runStores(call, () =>
      publish(call, runCall === undefined ? run : () => runCall(call, run)),
    )
  }
  return Object.defineProperties(watching, { name: { value: name }, [ORIGINAL]: { value: fn } }) as unknown as typeof fn
}

function publish(call: MethodCall, run: () => unknown): unknown {
  try {
    const result = run()
    if (isThenable(result)) return Promise.resolve(result).then(settled(call), failed(call))
    call.result = result
    return result
  } catch (error) {
    call.error = error
    methodCalls.error.publish(call)
    throw error
  } finally {
    methodCalls.end.publish(call)
  }
}

const settled = (call: MethodCall) => (result: unknown) => {
  call.result = result
  methodCalls.asyncStart.publish(call)
  methodCalls.asyncEnd.publish(call)
  return result
}

const failed = (call: MethodCall) => (error: unknown) => {
  call.error = error
  methodCalls.error.publish(call)
  methodCalls.asyncStart.publish(call)
  methodCalls.asyncEnd.publish(call)
  throw error
}
