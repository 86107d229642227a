import { inspect } from 'node:util'
import type { Application } from '../events'
import { current, currentAppContext } from '../request/current'
import { runningContext } from '../request/storage'
import type { Context, Globals, Request, Session } from '../types'
import { Blank } from '../util/blank'

/** The Koa application that handles the current request, or that `withAppContext` was given. Throws outside of both. */
export function currentApp(): Application {
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
export const session: Session = forward('session', () => current('session').session.data)

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
