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

/** Koa's own names that our setters write. */
const PRIVATE = ['_body', '_explicitStatus', '_explicitNullBody']

/** The objects of one request refer to each other: the check only looks whether these references exist. */
const REFERENCES = new Set<string | symbol>(['app', 'ctx', 'req', 'res', 'request', 'response'])

/** Where Koa is not as the classes of this folder expect it: empty for the Koa that they were written for. */
export function koaDifferences(): string[] {
  // Koa goes on in the same tick when a promise calls back at once; the engine when there is no promise.
  const koa = attemptsOf(Koa, ANSWERED)
  const engine = attemptsOf(Application, undefined)
  return [
    ...changed('application', Application.prototype, Koa.prototype),
    ...changed('context', Context.prototype, KoaContext.prototype as object),
    ...changed('response', Response.prototype, KoaResponse.prototype as object),
    ...withoutFetch(() => Object.keys(USES).filter(name => !isSame(koa(USES[name] as Use), engine(USES[name] as Use)))),
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
 * Hides the global `Response`: Koa asks whether a JSON body is one, at which Node loads all of fetch. That costs twice as
 * much as the check, and many applications never need it.
 */
function withoutFetch<T>(act: () => T): T {
  const property = Object.getOwnPropertyDescriptor(globalThis, 'Response')
  if (property?.get === undefined) return act()
  Object.defineProperty(globalThis, 'Response', { value: Response, configurable: true })
  try {
    return act()
  } finally {
    Object.defineProperty(globalThis, 'Response', property)
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
