import { AsyncLocalStorage, executionAsyncId } from 'node:async_hooks'
import { inspect } from 'node:util'
import type Koa from 'koa'
import type { AppContext, Era } from './app-context'
import { Blank } from './blank'
import type { RequestContext } from './request-context'
import type { Context, Globals, Request, Session } from './types'

/** The request, or the bare application context, that the running code belongs to, through all that it started. */
const storage = new AsyncLocalStorage<Era>()

/**
 * What the storage holds, for as long as the code that was entered last has not returned, and the id of its execution: code
 * that was bound to another request runs under another id. To ask the storage costs many times as much on Node 20 and 22.
 */
let entered: Era | undefined
let enteredId = 0

/** Runs `fn` in a context, with all that it starts. */
export function runIn<A extends unknown[], T>(context: AppContext, fn: (...args: A) => T, ...args: A): T {
  const outer = entered
  const outerId = enteredId
  const { era } = context
  entered = era
  enteredId = executionAsyncId()
  try {
    return storage.run(era, fn, ...args)
  } finally {
    entered = outer
    enteredId = outerId
  }
}

function runningEra(): Era | undefined {
  return entered !== undefined && executionAsyncId() === enteredId ? entered : storage.getStore()
}

/** The context that the running code belongs to, if it belongs to one. */
export function runningContext(): AppContext | undefined {
  return runningEra()?.context
}

/** The current request. Throws an error that names `what` was wanted when there is none. */
export function current(what: string): RequestContext {
  const context = runningContext()
  if (context?.ctx !== undefined) return context as RequestContext
  throw new Error(
    `${what} was used outside of a request. It belongs to one request, so it works in the methods of a controller and in ` +
      'what they call. A stream runs after its request: streamWithContext(source) keeps it. Code that was started elsewhere ' +
      'gets what it needs as an argument; a task in a worker or a shared queue runs with AsyncResource.bind(task).',
  )
}

/** The current request, for what changes its response: in code that was given up this throws the reason for it. */
export function currentToAnswer(what: string): RequestContext {
  const request = current(what)
  if (runningEra() !== request.era) throw request.interruption as Error
  return request
}

/** The current request's context, or that of `withAppContext`. */
export function currentAppContext(what: string): AppContext {
  return runningContext() ?? current(what)
}

/** The Koa application that handles the current request, or that `withAppContext` was given. Throws outside of both. */
export function currentApp(): Koa {
  return currentAppContext('currentApp()').app
}

/** Whether the running code belongs to a request, so that `g`, `session` and `request` work. */
export function hasRequestContext(): boolean {
  return runningContext()?.ctx !== undefined
}

/** Koa's `ctx` of the current request. Throws outside of a request. */
export function currentContext(): Context {
  return current('currentContext()').ctx
}

/** A place for one request's own values, new and empty for each (docs/rules.md 14.1). Throws outside of a request. */
export const g: Globals = forward('g', () => currentAppContext('g').g)

/** What the client brings back with its next request. Throws outside of a request. @see docs/rules.md section 13 */
export const session: Session = forward('session', () => current('session').session)

/** Koa's `ctx.request`. Throws outside of a request. */
export const request: Request = forward('request', () => current('request').ctx.request)

/** An object that stands for the current request's. */
function forward<T extends object>(name: string, subject: () => T): T {
  // console.log looks through a proxy at its target.
  const target = {
    [inspect.custom]: () => (runningContext() === undefined ? `[${name} outside of a request]` : subject()),
  }
  return new Proxy(target, {
    // Without Reflect, which V8 does not inline: each use of `g` would cost twice as much.
    get: (_, key) => (subject() as Record<PropertyKey, unknown>)[key],
    set: (_, key, value) => {
      ;(subject() as Record<PropertyKey, unknown>)[key] = value
      return true
    },
    has: (_, key) => key in subject(),
    deleteProperty: (_, key) => Reflect.deleteProperty(subject(), key),
    ownKeys: () => Reflect.ownKeys(subject()),
    defineProperty: (_, key, descriptor) =>
      Reflect.defineProperty(subject(), key, { ...descriptor, configurable: true }),
    getOwnPropertyDescriptor: (_, key) => configurable(Reflect.getOwnPropertyDescriptor(subject(), key)),
    getPrototypeOf: () => prototypeOf(subject()),
    // It would hold for the requests that follow as well.
    preventExtensions: () => false,
  }) as T
}

/** A blank object has no prototype as far as anybody can tell. */
function prototypeOf(subject: object): object | null {
  const prototype = Reflect.getPrototypeOf(subject)
  return prototype === Blank.prototype ? null : prototype
}

/** A proxy may not call a property fixed that its target doesn't have. */
function configurable(descriptor: PropertyDescriptor | undefined): PropertyDescriptor | undefined {
  return descriptor && { ...descriptor, configurable: true }
}
