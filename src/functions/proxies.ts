import { inspect } from 'node:util'
import type { CurrentApplication } from '../events'
import { current, currentAppContext } from '../request/current'
import { runningContext } from '../request/storage'
import type { Context, Globals, Request, Session } from '../types'
import { Blank } from '../util/blank'

/** The Koa application of the current request or `withAppContext`. Throws outside of both. */
export function currentApp(): CurrentApplication {
  return currentAppContext('currentApp()').app as CurrentApplication
}

/** Whether the running code belongs to a request, so that `session` and `request` work. */
export function hasRequestContext(): boolean {
  return runningContext()?.ctx !== undefined
}

/** Koa's `ctx` of the current request. Throws outside of a request. */
export function currentContext(): Context {
  return current('currentContext()').ctx
}

/** Values of one request or `withAppContext`; empty at its start. Throws outside of both. @see docs/rules.md [14.1] */
export const g: Globals = forward('g', () => currentAppContext('g').g)

/** The client's data, kept from one request to the next. Throws outside of a request. @see docs/rules.md [13] */
export const session: Session = forward('session', () => current('session').session.data)

/** Koa's `ctx.request`. Throws outside of a request. */
export const request: Request = forward('request', () => current('request').ctx.request)

/** A proxy that forwards every operation to an object of the current request. */
function forward<T extends object>(name: string, subject: () => T): T {
  // console.log shows the target of a proxy, not what the traps return.
  const target = {
    [inspect.custom]: () =>
      runningContext() === undefined ? `[${name} outside of a request]` : shown(name, subject()),
  }
  return new Proxy(target, {
    // Without Reflect, which V8 does not inline: with it, each use of `g` costs twice as much.
    get: (_, key) => (subject() as Record<PropertyKey, unknown>)[key],
    set: (_, key, value) => {
      ;(subject() as Record<PropertyKey, unknown>)[key] = value
      return true
    },
    has: (_, key) => hasKey(subject(), key),
    deleteProperty: (_, key) => Reflect.deleteProperty(subject(), key),
    ownKeys: () => Reflect.ownKeys(subject()),
    defineProperty: (_, key, descriptor) =>
      Reflect.defineProperty(subject(), key, { ...descriptor, configurable: true }),
    getOwnPropertyDescriptor: (_, key) => configurable(Reflect.getOwnPropertyDescriptor(subject(), key)),
    getPrototypeOf: () => prototypeOf(subject()),
    // Refused: the target is shared by all requests, so it would stay non-extensible for the next ones.
    preventExtensions: () => false,
  }) as T
}

/** What `console.log` shows: a Blank by the name of its proxy, which has its values but not its class. */
function shown(name: string, subject: object): object {
  if (Reflect.getPrototypeOf(Object(subject) as object) !== Blank.prototype) return subject
  const Named = function () {
    // Empty: only its name and prototype matter.
  }
  Object.defineProperty(Named, 'name', { value: name })
  const named = new (Named as unknown as new () => object)()
  return Object.defineProperties(named, Object.getOwnPropertyDescriptors(subject))
}

/** Like `in`, but `toString` of a Blank is not one of the values of `g`. */
const hasKey = (subject: object, key: PropertyKey): boolean =>
  prototypeOf(subject) === null ? Object.hasOwn(subject, key) : key in subject

/** The prototype of an object; null for a Blank, whose prototype is an implementation detail. */
function prototypeOf(subject: object): object | null {
  const prototype = Reflect.getPrototypeOf(subject)
  return prototype === Blank.prototype ? null : prototype
}

/**
 * Makes a descriptor configurable: a proxy must not report a non-configurable property that its target does not have.
 */
function configurable(descriptor: PropertyDescriptor | undefined): PropertyDescriptor | undefined {
  return descriptor && { ...descriptor, configurable: true }
}
