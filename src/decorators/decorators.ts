import type * as types from './types'
import { badCall } from './bad-call'
import { registerBlueprint } from './metadata'
import { hook, record } from './record'
import { isRecord } from '../util/is-record'

export { Delete, Get, Patch, Post, Put, Route } from './verbs'

/**
 * Runs once, before the first request is handled, for instance to create tables or to fill caches.
 *
 * @see docs/rules.md [3]
 */
export const BeforeFirstRequest: types.BeforeFirstDecorator = hook('@BeforeFirstRequest', { kind: 'beforeFirst' })

/**
 * Runs before each request, in the order of the class. A value other than `undefined` and `null` that the method
 * returns is the response.
 *
 * @see docs/rules.md [2]
 */
export const BeforeRequest: types.BeforeDecorator = hook('@BeforeRequest', { kind: 'before', appWide: false })

/**
 * Runs after the view, in reverse order, with the response. The method must return a response.
 *
 * @see docs/rules.md [9]
 */
export const AfterRequest: types.AfterDecorator = hook('@AfterRequest', { kind: 'after', appWide: false })

/** Runs at the end of each request, in reverse order, also after an error. @see docs/rules.md [7] */
export const TeardownRequest: types.TeardownDecorator = hook('@TeardownRequest', { kind: 'teardown', appWide: false })

/**
 * Runs at the end of each request, after the teardown methods, and at the end of each `withAppContext`, in reverse
 * order. In a blueprint, too, the method runs for the whole application.
 *
 * @see docs/rules.md [1.1, 7.3]
 */
export const TeardownAppContext: types.TeardownAppContextDecorator = hook('@TeardownAppContext', {
  kind: 'teardownAppContext',
})

/**
 * Runs once for each request, in reverse order, after the last byte of its response or the client's abort, and after
 * teardown, with the outcome: status, error, bytes, duration. For access logs and metrics. An error that the method
 * throws is emitted as the application's `error` event; the other methods still run.
 */
export const AfterResponse: types.AfterResponseDecorator = hook('@AfterResponse', {
  kind: 'afterResponse',
  appWide: false,
})

/** In a blueprint: `@AfterResponse` for every request of the application. @see docs/rules.md [1.5] */
export const AfterAppResponse: types.AfterResponseDecorator = hook('@AfterAppResponse', {
  kind: 'afterResponse',
  appWide: true,
})

/**
 * Runs once, before the server of `app.listen` accepts its first connection, in the order of the class, one method after the
 * other, in an application context. For what requests need: a connection to the database, tables, caches. In a blueprint, too,
 * the method runs for the whole application.
 */
export const OnStart: types.OnStartDecorator = hook('@OnStart', { kind: 'onStart' })

/**
 * Runs when `gracefulShutdown` has ended all requests, in reverse order, with the name of the process signal if there
 * was one. For closing what the application has opened, such as a database. In a blueprint, too, the method runs for
 * the whole application.
 */
export const OnShutdown: types.OnShutdownDecorator = hook('@OnShutdown', { kind: 'onShutdown' })

/** In a blueprint: `@BeforeRequest` for every request of the application. @see docs/rules.md [1.5] */
export const BeforeAppRequest: types.BeforeDecorator = hook('@BeforeAppRequest', { kind: 'before', appWide: true })

/** In a blueprint: `@AfterRequest` for every request of the application. @see docs/rules.md [1.5] */
export const AfterAppRequest: types.AfterDecorator = hook('@AfterAppRequest', { kind: 'after', appWide: true })

/** In a blueprint: `@TeardownRequest` for every request of the application. @see docs/rules.md [1.5] */
export const TeardownAppRequest: types.TeardownDecorator = hook('@TeardownAppRequest', {
  kind: 'teardown',
  appWide: true,
})

/**
 * Runs before all before methods and may change the values that the view gets from the URL.
 *
 * @see docs/rules.md [2.7]
 */
export const UrlValuePreprocessor: types.UrlValuePreprocessorDecorator = hook('@UrlValuePreprocessor', {
  kind: 'preprocessors',
  appWide: false,
})

/** In a blueprint: `@UrlValuePreprocessor` for every request of the application. @see docs/rules.md [1.5] */
export const AppUrlValuePreprocessor: types.UrlValuePreprocessorDecorator = hook('@AppUrlValuePreprocessor', {
  kind: 'preprocessors',
  appWide: true,
})

/** Runs in `urlFor` and may add values to the ones that `urlFor` got. */
export const UrlDefaults: types.UrlDefaultsDecorator = hook('@UrlDefaults', { kind: 'urlDefaults', appWide: false })

/**
 * Runs when `urlFor` can't build a URL, and may return one. If no method returns one, `urlFor` throws the error, or the
 * BuildError that a method threw last. In a blueprint, too, the method runs for the whole application.
 */
export const UrlBuildErrorHandler: types.UrlBuildErrorDecorator = hook('@UrlBuildErrorHandler', {
  kind: 'urlBuildErrors',
})

/** In a blueprint: `@UrlDefaults` for every endpoint of the application. @see docs/rules.md [1.5] */
export const AppUrlDefaults: types.UrlDefaultsDecorator = hook('@AppUrlDefaults', {
  kind: 'urlDefaults',
  appWide: true,
})

/**
 * Answers an HTTP error by its code, or errors of a class. The handler of the innermost blueprint wins, then the one
 * for the nearest class.
 *
 * @param codeOrClass 400 to 599, a class that extends Error, or a class that decides with `Symbol.hasInstance`
 * @see docs/rules.md [5]
 */
export const ErrorHandler = errorHandler('@ErrorHandler', false)

/** In a blueprint: `@ErrorHandler` for every request of the application. @see docs/rules.md [5.5] */
export const AppErrorHandler = errorHandler('@AppErrorHandler', true)

/**
 * Makes a method a command of the program `flaskoa`: `@Command('init-db')` runs by `flaskoa init-db`, in an application context,
 * after the `@OnStart` methods. In a blueprint its name comes first: `flaskoa users import`.
 */
export const Command = ((name: unknown, options: unknown = {}) => {
  if (typeof name !== 'string' || !isRecord(options))
    throw badCall('@Command', 'a name, and an object if it has options', "@Command('init-db')")
  return record('@Command', { kind: 'command', name, options })
}) as types.CommandDecorator

function errorHandler(name: string, appWide: boolean): types.ErrorHandlerDecorator {
  return ((key: unknown, ...rest: unknown[]) => {
    if (rest.length > 0 || key === undefined || (typeof key === 'object' && key !== null)) {
      throw badCall(name, 'an HTTP error code or an error class, and nothing else', `${name}(404)`)
    }
    return record(name, { kind: 'error', key, appWide })
  }) as types.ErrorHandlerDecorator
}

/**
 * Makes a class a blueprint: its rules begin with `prefix`, and its hooks run for its own routes only, nested inside
 * the hooks of the blueprint that contains it.
 *
 * @param prefix starts with `/`; without it, the rules get no prefix of their own, and the options may come first
 * @param options `name` for endpoints (default: the class's name, which minifiers change), nested `blueprints`, and
 *   `defaults`
 */
export const Blueprint: types.BlueprintDecorator = (...given: unknown[]) => {
  const [prefix, options = {}] = given.length === 1 && isRecord(given[0]) ? ['', given[0]] : given
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
