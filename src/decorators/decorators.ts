import type * as types from './types'
import { register, registerBlueprint, type Fact, type Placement } from './metadata'
import { SetupError } from '../errors/setup-error'
import { isRecord } from '../util/is-record'

/** What either dialect tells of the thing that is decorated. */
type DecorationContext = DecoratorContext & { readonly static?: boolean; readonly private?: boolean }
type Decorator = (target: unknown, at?: string | symbol | DecorationContext, descriptor?: unknown) => void

/**
 * The one function that knows of two dialects. The standard one says where it stands in an object and has a metadata
 * object for the class, which does not exist yet; the legacy one gives the class's prototype, or the class for a static.
 */
function record(decorator: string, fact: Fact): Decorator {
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

function metadataOf({ metadata }: Pick<Partial<DecorationContext>, 'metadata'>, decorator: string): object {
  if (metadata !== undefined) return metadata
  throw new SetupError(
    'BAD_DECORATOR_CALL',
    `${decorator} got no context.metadata. Compile with TypeScript from 5.2, esbuild, swc or Babel of that time, or turn ` +
      'on experimentalDecorators.',
  )
}

function legacyPlacement(target: unknown, at: unknown, descriptor: unknown): Placement {
  if (typeof descriptor === 'number') return 'parameter'
  if (at === undefined) return 'class'
  if (typeof target === 'function') return 'static'
  if (typeof descriptor !== 'object' || descriptor === null) return 'field'
  return 'value' in descriptor ? 'method' : 'accessor'
}

/** A decorator that works bare and called: bare, it is given what it decorates. */
function hook<D>(decorator: string, fact: Fact): D {
  const decorate = record(decorator, fact)
  return ((...given: Parameters<Decorator> | []) => {
    if (given.length === 0) return decorate
    if (!isDecoration(given)) throw badCall(decorator, 'no arguments', `${decorator} or ${decorator}()`)
    return decorate(...given)
  }) as D
}

/** Whether these are what a compiler passes to a decorator, and not what somebody put in its brackets. */
function isDecoration([target, at]: Parameters<Decorator>): boolean {
  if (isRecord(at)) return 'kind' in at
  const isClass = typeof target === 'function' && target.prototype !== undefined
  return isClass || (isRecord(target) && ['string', 'symbol', 'number'].includes(typeof at))
}

/** Runs once, before the first request is handled: to set up tables, to warm caches. @see docs/rules.md section 3 */
export const BeforeFirstRequest: types.BeforeFirstDecorator = hook('@BeforeFirstRequest', { kind: 'beforeFirst' })

/** Runs before each request, in the order of the class. A value that it returns is the response. @see docs/rules.md section 2 */
export const BeforeRequest: types.BeforeDecorator = hook('@BeforeRequest', { kind: 'before', appWide: false })

/** Runs after the view, in reverse order, with the response, and must return it. @see docs/rules.md section 9 */
export const AfterRequest: types.AfterDecorator = hook('@AfterRequest', { kind: 'after', appWide: false })

/** Runs at the end of each request, in reverse order, whatever happened. @see docs/rules.md section 7 */
export const TeardownRequest: types.TeardownDecorator = hook('@TeardownRequest', { kind: 'teardown', appWide: false })

/**
 * Runs at the end of each request, after the teardown methods, and of each `withAppContext`, in reverse order. It belongs
 * to the application even in a blueprint. @see docs/rules.md 1.1, 7.3
 */
export const TeardownAppContext: types.TeardownAppContextDecorator = hook('@TeardownAppContext', {
  kind: 'teardownAppContext',
})

/**
 * Runs once for each request, in reverse order, after the last byte of its response or the client's abort, and after teardown,
 * with the outcome: status, error, bytes, duration. For access logs and metrics. What it throws is told to the application's
 * `error` event and stops nothing.
 */
export const AfterResponse: types.AfterResponseDecorator = hook('@AfterResponse', {
  kind: 'afterResponse',
  appWide: false,
})

/** In a blueprint: `@AfterResponse` for every request of the application. @see docs/rules.md 1.5 */
export const AfterAppResponse: types.AfterResponseDecorator = hook('@AfterAppResponse', {
  kind: 'afterResponse',
  appWide: true,
})

/**
 * Runs when `gracefulShutdown` has ended all requests, in reverse order, with the name of the signal if there was one: to close
 * what the application has opened. It belongs to the application even in a blueprint.
 */
export const OnShutdown: types.OnShutdownDecorator = hook('@OnShutdown', { kind: 'onShutdown' })

/** In a blueprint: `@BeforeRequest` for every request of the application. @see docs/rules.md 1.5 */
export const BeforeAppRequest: types.BeforeDecorator = hook('@BeforeAppRequest', { kind: 'before', appWide: true })

/** In a blueprint: `@AfterRequest` for every request of the application. @see docs/rules.md 1.5 */
export const AfterAppRequest: types.AfterDecorator = hook('@AfterAppRequest', { kind: 'after', appWide: true })

/** In a blueprint: `@TeardownRequest` for every request of the application. @see docs/rules.md 1.5 */
export const TeardownAppRequest: types.TeardownDecorator = hook('@TeardownAppRequest', {
  kind: 'teardown',
  appWide: true,
})

/** Runs before all before methods and may change the values that the view gets. @see docs/rules.md 2.7 */
export const UrlValuePreprocessor: types.UrlValuePreprocessorDecorator = hook('@UrlValuePreprocessor', {
  kind: 'preprocessors',
  appWide: false,
})

/** In a blueprint: `@UrlValuePreprocessor` for every request of the application. @see docs/rules.md 1.5 */
export const AppUrlValuePreprocessor: types.UrlValuePreprocessorDecorator = hook('@AppUrlValuePreprocessor', {
  kind: 'preprocessors',
  appWide: true,
})

/** Runs in `urlFor` and may add values. */
export const UrlDefaults: types.UrlDefaultsDecorator = hook('@UrlDefaults', { kind: 'urlDefaults', appWide: false })

/**
 * Runs when `urlFor` can't build a URL, and may give one. What it throws, or the error if it gives nothing, goes on. It
 * belongs to the application even in a blueprint.
 */
export const UrlBuildErrorHandler: types.UrlBuildErrorDecorator = hook('@UrlBuildErrorHandler', {
  kind: 'urlBuildErrors',
})

/** In a blueprint: `@UrlDefaults` for every endpoint of the application. @see docs/rules.md 1.5 */
export const AppUrlDefaults: types.UrlDefaultsDecorator = hook('@AppUrlDefaults', {
  kind: 'urlDefaults',
  appWide: true,
})

/**
 * Answers an HTTP error by its code, or errors of a class. The nearest class wins, innermost blueprint first.
 *
 * @param codeOrClass 400 to 599, or a class that extends Error
 * @see docs/rules.md section 5
 */
export const ErrorHandler = errorHandler('@ErrorHandler', false)

/** In a blueprint: `@ErrorHandler` for every request of the application. @see docs/rules.md 5.5 */
export const AppErrorHandler = errorHandler('@AppErrorHandler', true)

function errorHandler(name: string, appWide: boolean): types.ErrorHandlerDecorator {
  return ((key: unknown, ...rest: unknown[]) => {
    if (rest.length > 0 || key === undefined || (typeof key === 'object' && key !== null)) {
      throw badCall(name, 'an HTTP error code or an error class', `${name}(404)`)
    }
    return record(name, { kind: 'error', key, appWide })
  }) as types.ErrorHandlerDecorator
}

/**
 * Makes a method the view of a URL rule in Flask's syntax, `/users/<int:id>`.
 *
 * @param rule starts with `/`; in a blueprint it is put behind the prefix
 * @param options methods (default GET), endpoint, strictSlashes, defaults, provideAutomaticOptions
 * @see docs/rules.md section 4
 */
export const Route = route('@Route') as types.RouteDecorator

/** `@Route` for GET, and HEAD with it. */
export const Get = route('@Get', 'GET') as types.VerbDecorator
/** `@Route` for POST. */
export const Post = route('@Post', 'POST') as types.VerbDecorator
/** `@Route` for PUT. */
export const Put = route('@Put', 'PUT') as types.VerbDecorator
/** `@Route` for PATCH. */
export const Patch = route('@Patch', 'PATCH') as types.VerbDecorator
/** `@Route` for DELETE. */
export const Delete = route('@Delete', 'DELETE') as types.VerbDecorator

function route(name: string, verb?: string) {
  return (rule: unknown, options: types.RouteOptions = {}) => {
    if (typeof rule !== 'string' || !isRecord(options)) {
      throw badCall(name, 'a URL rule, and an object if it has options', `${name}('/users/<int:id>')`)
    }
    return record(name, { kind: 'route', rule, options, verb })
  }
}

/**
 * Makes a class a blueprint: its rules stand behind `prefix`, and its hooks run for its own routes only, nested inside
 * those of the blueprint that contains it.
 *
 * @param prefix default none
 * @param options `name` for endpoints (default: the class's name) and nested `blueprints`
 */
export const Blueprint: types.BlueprintDecorator = (prefix?: unknown, options: types.BlueprintOptions = {}) => {
  if (typeof prefix === 'function' || isRecord(prefix) || !isRecord(options)) {
    throw badCall('@Blueprint', 'a prefix, and an object if it has options', "@Blueprint('/users', { name: 'people' })")
  }
  return (target: unknown, at?: unknown) => {
    if (typeof at === 'string' || typeof at === 'symbol' || (isRecord(at) && at.kind !== 'class')) {
      throw badCall('@Blueprint', 'a class', "@Blueprint('/users') class Users")
    }
    registerBlueprint(target as types.Class, { prefix: (prefix ?? '') as string, options })
  }
}

function badCall(decorator: string, wants: string, example: string): SetupError {
  return new SetupError('BAD_DECORATOR_CALL', `${decorator} needs ${wants}: write ${example}`)
}
