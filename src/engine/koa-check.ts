import { isDeepStrictEqual } from 'node:util'
import Koa from 'koa'
import { Application } from './application'
import { Context } from './context'
import { attemptsOf, type Attempt, type Use } from './koa-attempt'
import { KoaContext, KoaResponse } from './koa-classes'
import { Response } from './response'

/**
 * What a middleware does with the parts of Koa that this folder replaces. Koa and the engine must end with the same. Each use
 * does much, so that they are few: V8 begins to note the types that a function meets after some runs, and if it does so
 * here, with stubs, each real request costs more (4 % with ten uses).
 */
const USES: Readonly<Record<string, Use>> = {
  'a response without a body': () => undefined,
  'a body of text': ctx => ((ctx.status = 201), (ctx.body = '<p>'), (ctx.type = 'text'), (ctx.body = 'text')),
  'a body of JSON': ctx => (
    (ctx.url = '/b?c'),
    ctx.set({ 'X-A': 'a' }),
    (ctx.body = { a: [1] }),
    [ctx.path, ctx.method]
  ),
  'a response to HEAD': ctx => ((ctx.method = 'HEAD'), (ctx.body = [ctx.get('Host'), ctx.headerSent, ctx.writable])),
  'ctx.respond = false': ctx => ((ctx.type = 'png'), (ctx.body = null), (ctx.respond = false)),
}

/** The uses for which Koa looks whether a body is one of `LAZY`. */
const LOADING = ['a body of JSON', 'a response to HEAD']

/** Globals that Node loads when they are first read, with all of fetch and of web streams: that takes longer than the check. */
const LAZY = ['Response', 'ReadableStream']

/** The Koa that this folder was written for. */
export const KNOWN_KOA = '3.3.0'

/** Koa's own names that our setters write. */
const PRIVATE = ['_body', '_explicitStatus', '_explicitNullBody']

/** The objects of one request refer to each other: the check only looks whether these references exist. */
const REFERENCES = new Set<string | symbol>(['app', 'ctx', 'req', 'res', 'request', 'response'])

/**
 * Where Koa is not as the classes of this folder expect it: empty for the Koa that they were written for.
 *
 * @param version Koa's version
 */
export function koaDifferences(version: string): string[] {
  // Koa goes on in the same tick when a promise calls back at once; the engine when there is no promise.
  const koa = attemptsOf(Koa, ANSWERED)
  const engine = attemptsOf(Application, undefined)
  return [
    ...changed('application', Application.prototype, Koa.prototype),
    ...changed('context', Context.prototype, KoaContext.prototype as object),
    ...changed('response', Response.prototype, KoaResponse.prototype as object),
    ...withoutLazy(canHide =>
      Object.keys(USES)
        .filter(name => canHide || version !== KNOWN_KOA || !LOADING.includes(name))
        .filter(name => !isSame(koa(USES[name] as Use), engine(USES[name] as Use))),
    ),
  ]
}

const ANSWERED = {
  then(goOn: () => void) {
    goOn()
    return ANSWERED
  },
  catch: () => ANSWERED,
}

/** The accessors and methods that a class overrides and that Koa has no longer, or of another kind. */
function changed(name: string, ours: object, koas: object): string[] {
  const keys = Object.getOwnPropertyNames(ours).filter(key => key !== 'constructor')
  // An accessor of the engine's: Koa leaves the property to its users.
  const expected = (key: string) => (key === 'respond' ? '' : kindOf(ours, key))
  return keys.filter(key => kindOf(koas, key) !== expected(key)).map(key => `${name}.${key}`)
}

function kindOf(prototype: object, key: string): string {
  const property = Object.getOwnPropertyDescriptor(prototype, key) ?? {}
  return (['get', 'set', 'value'] as const).filter(kind => property[kind] !== undefined).join()
}

/**
 * Hides the globals of `LAZY`, which many applications never need. That is possible where they are accessors, as in Node 20. A
 * later Node has properties that are loaded even when their descriptors are read, but not by `__lookupGetter__`.
 */
function withoutLazy<T>(act: (canHide: boolean) => T): T {
  const global = globalThis as unknown as { __lookupGetter__(name: string): unknown }
  if (LAZY.some(name => global.__lookupGetter__(name) === undefined)) return act(false)
  const properties = LAZY.map(name => Object.getOwnPropertyDescriptor(globalThis, name) as PropertyDescriptor)
  for (const name of LAZY) Object.defineProperty(globalThis, name, { value: Response, configurable: true })
  try {
    return act(true)
  } finally {
    for (const [index, name] of LAZY.entries())
      Object.defineProperty(globalThis, name, properties[index] as PropertyDescriptor)
  }
}

function isSame(koa: Attempt | undefined, engine: Attempt | undefined): boolean {
  if (koa === undefined || engine === undefined) return false
  return (
    isDeepStrictEqual(koa.seen(), engine.seen()) &&
    haveSame(koa.ctx, engine.ctx) &&
    haveSame(koa.ctx.request, engine.ctx.request) &&
    haveSame(koa.ctx.response, engine.ctx.response) &&
    // A private name that Koa no longer writes is not among its fields.
    haveSame(koa.ctx.response, engine.ctx.response, PRIVATE)
  )
}

/** Whether two objects agree in some fields: in all of Koa's, unless `keys` says which. */
const haveSame = (koa: object, engine: object, keys: readonly (string | symbol)[] = Reflect.ownKeys(koa)): boolean =>
  keys.every(key =>
    REFERENCES.has(key) ? key in engine : isDeepStrictEqual(Reflect.get(koa, key), Reflect.get(engine, key)),
  )
