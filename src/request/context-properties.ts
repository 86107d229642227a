import type Koa from 'koa'
import type { Globals } from '../types'
import { addReplaceableGetter } from '../util/replaceable-getter'
import { requestLoggerOf } from './loggers'
import { requestIdOf } from './request-id'
import type { RequestSession } from './request-session'

/** What `ctx.g` and `ctx.session` of a request are. */
export interface ContextValues {
  readonly globalsOf: (ctx: Koa.Context) => Globals
  readonly sessionOf: (ctx: Koa.Context) => RequestSession
}

/** Adds `ctx.g`, for code that no longer belongs to its request, `ctx.id` and `ctx.log`. */
export function addContextProperties({ context }: Koa, { globalsOf }: ContextValues): void {
  if (!('g' in context)) addReplaceableGetter(context, 'g', globalsOf)
  if (!('id' in context)) addReplaceableGetter(context, 'id', requestIdOf)
  if (!('log' in context)) addReplaceableGetter(context, 'log', requestLoggerOf)
}

/** The getters of `ctx.session` that come from here: lifecycles may share an application, and another library may have put its own there. */
const ownGetters = new WeakSet<object>()

export function hasForeignSession({ context }: Koa): boolean {
  const own = Object.getOwnPropertyDescriptor(context, 'session') as { readonly get?: object } | undefined
  return 'session' in context && !(own?.get !== undefined && ownGetters.has(own.get))
}

/** Adds `ctx.session`, as Koa's users know it. */
export function addSession({ context }: Koa, { sessionOf }: ContextValues): void {
  const get = function (this: Koa.Context) {
    return sessionOf(this).dataOrNull
  }
  const set = function (this: Koa.Context, value: unknown) {
    sessionOf(this).assign(value)
  }
  ownGetters.add(get)
  Object.defineProperty(context, 'session', { get, set, configurable: true })
}
