import { badCall } from './bad-call'
import { register, type Fact, type HookFact, type Placement } from './metadata'
import { recordWith, type DecorationContext, type Decorator } from './recorder'
import type { HookOptions } from './route-options'
import type { Class } from './types'
import { SetupError } from '../errors/setup-error'
import { isRecord } from '../util/is-record'

/**
 * Makes a decorator that records `fact`. This function tells the two dialects apart: the standard one passes a context
 * with the placement and with a metadata object for the class, which does not exist yet. The legacy one passes the
 * class's prototype, or for a static member the class itself.
 */
export function record(decorator: string, fact: Fact): Decorator {
  return (target, at, descriptor) => {
    if (typeof at === 'object') {
      const placement = at.static ? 'static' : at.private ? 'private' : at.kind
      return register(metadataOf(at, decorator), { decorator, method: at.name ?? '', placement, fact })
    }
    const carrier = typeof target === 'function' ? target : (target as object).constructor
    const placement = legacyPlacement(target, at, descriptor)
    register(carrier, { decorator, method: at ?? 'constructor', placement, fact })
  }
}

recordWith(record)

/**
 * Makes a decorator that works bare, `@BeforeRequest`, and called, `@BeforeRequest()`. Those of hooks around a view take options.
 */
export function hook<D>(decorator: string, fact: Fact): D {
  const decorate = record(decorator, fact)
  return ((...given: Parameters<Decorator> | []) => {
    if (given.length === 0) return decorate
    if (given.length === 1 && isClass(given[0])) throw onClass(decorator, given[0].name)
    if (given.length === 1 && isHook(fact) && isRecord(given[0])) {
      return record(decorator, { ...fact, options: given[0] as HookOptions })
    }
    if (!isDecoration(given)) throw badCall(decorator, 'no arguments', `${decorator} or ${decorator}()`)
    return decorate(...given)
  }) as D
}

const HOOKS = ['before', 'after', 'teardown', 'afterResponse']

/** Whether it is a hook around a view, which takes options. */
const isHook = (fact: Fact): fact is HookFact => HOOKS.includes(fact.kind)

/**
 * `@BeforeRequest class Users` in the legacy dialect and `@BeforeRequest(Users)` are the same call. The second must not
 * wait for `bootstrap`: compilers leave out the decorator of its method, or fail with an error of their own.
 */
function onClass(decorator: string, name: string): SetupError {
  return new SetupError(
    'NOT_A_METHOD',
    `${name || '(anonymous class)'}: ${decorator} is on the class itself, or got it as an argument. Only instance methods ` +
      `can run for a request: decorate one instead, with ${decorator} or ${decorator}().`,
  )
}

function metadataOf({ metadata }: Pick<Partial<DecorationContext>, 'metadata'>, decorator: string): object {
  if (metadata !== undefined) return metadata
  throw new SetupError(
    'BAD_DECORATOR_CALL',
    `${decorator} got no context.metadata, which standard decorators need. Compile with TypeScript 5.2 or newer, or ` +
      'with a version of esbuild, swc or Babel from that time on, or turn on experimentalDecorators.',
  )
}

function legacyPlacement(target: unknown, at: unknown, descriptor: unknown): Placement {
  if (typeof descriptor === 'number') return 'parameter'
  if (at === undefined) return 'class'
  if (typeof target === 'function') return 'static'
  if (typeof descriptor !== 'object' || descriptor === null) return 'field'
  return 'value' in descriptor ? 'method' : 'accessor'
}

/** Whether a compiler passed these arguments to a bare decorator. Otherwise the user wrote them in its brackets. */
function isDecoration([target, at]: Parameters<Decorator>): boolean {
  if (isRecord(at)) return 'kind' in at
  return isClass(target) || (isRecord(target) && ['string', 'symbol', 'number'].includes(typeof at))
}

const isClass = (value: unknown): value is Class => typeof value === 'function' && value.prototype !== undefined
