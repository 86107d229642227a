import { AsyncLocalStorage } from 'node:async_hooks'
import { inspect } from 'node:util'
import type { RequestContext } from './request-context'
import type { Context, Globals, Request, Session } from './types'

/** The request that the running code belongs to, through promises, timers and callbacks that it started. */
export const storage = new AsyncLocalStorage<RequestContext>()

/** The current request. Throws an error that names `what` was wanted when there is none. */
export function current(what: string): RequestContext {
  const request = storage.getStore()
  if (request !== undefined) return request
  throw new Error(
    `${what} was used outside of a request. It belongs to one request, so it works in the methods of a controller and in ` +
      'what they call. Code that was started elsewhere gets what it needs as an argument; a task that a request starts ' +
      'through a worker or a shared queue runs with AsyncResource.bind(task).',
  )
}

/** Koa's `ctx` of the current request. Throws outside of a request. */
export function currentContext(): Context {
  return current('currentContext()').ctx
}

/** A place for one request's own values, new and empty for each (FLASK.md 14.1). Throws outside of a request. */
export const g: Globals = forward('g', request => request.g)

/** What the client brings back with its next request. Throws outside of a request. @see FLASK.md section 13 */
export const session: Session = forward('session', request => request.session)

/** Koa's `ctx.request`. Throws outside of a request. */
export const request: Request = forward('request', request => request.ctx.request)

/** An object that stands for the current request's. */
function forward<T extends object>(name: string, pick: (request: RequestContext) => T): T {
  const subject = () => pick(current(name))
  // console.log looks through a proxy at its target.
  const target = {
    [inspect.custom]: () => (storage.getStore() === undefined ? `[${name} outside of a request]` : subject()),
  }
  return new Proxy(target, {
    get: (_, key) => Reflect.get(subject(), key) as unknown,
    set: (_, key, value) => Reflect.set(subject(), key, value),
    has: (_, key) => Reflect.has(subject(), key),
    deleteProperty: (_, key) => Reflect.deleteProperty(subject(), key),
    ownKeys: () => Reflect.ownKeys(subject()),
    defineProperty: (_, key, descriptor) =>
      Reflect.defineProperty(subject(), key, { ...descriptor, configurable: true }),
    getOwnPropertyDescriptor: (_, key) => configurable(Reflect.getOwnPropertyDescriptor(subject(), key)),
    getPrototypeOf: () => Reflect.getPrototypeOf(subject()),
  }) as T
}

/** A proxy may not call a property fixed that its target doesn't have. */
function configurable(descriptor: PropertyDescriptor | undefined): PropertyDescriptor | undefined {
  return descriptor && { ...descriptor, configurable: true }
}
