import type Koa from 'koa'
import type { BlueprintEntry, Class } from '../decorators/types'
import type { LifecycleSettings } from '../lifecycle/exchange'
import type { ConverterDefinition } from '../routing/converters'
import type { SessionOptions } from '../session/options'

/** What `lifecycle` and `bootstrap` take. */
export interface LifecycleOptions {
  /** Signs the session's cookie. Of several the first signs and all verify, so that a key can be replaced. */
  secretKey?: string | readonly string[] | undefined
  /** koa-session's options, with Flask's defaults: a browser session, HttpOnly, SameSite=Lax. */
  session?: SessionOptions | undefined
  /** Classes with `@Blueprint`; `{ blueprint, prefix, name }` to register one otherwise than it says. */
  blueprints?: readonly BlueprintEntry[] | undefined
  /** Makes a controller's instance, for a DI container. Default: `new Controller()`. */
  resolve?: ((controller: Class) => object) | undefined
  /** Converters of your own by name, for rules like `/<hex:id>`. */
  converters?: Readonly<Record<string, ConverterDefinition>> | undefined
  /**
   * How long a request may wait, in milliseconds: then `ctx.signal` is aborted, what is waited for is waited for no longer,
   * and the answer is a 503. What follows, error handlers, after methods and teardown, may wait as long again. It ends when
   * the response is decided: a stream may take longer. Default: no limit.
   */
  requestTimeout?: number | undefined
  /** Where the application is to be found, for `urlFor` outside of a request: `https://example.com`, or with a path. */
  baseUrl?: string | undefined
  /** Errors are shown and not handled, and a failed request's teardown waits for the next. Default false. */
  debug?: boolean | undefined
  /** Errors reach whoever made the request, for instance a test. Default false. */
  testing?: boolean | undefined
  /** Unhandled errors leave the lifecycle. Default: `testing || debug`. @see docs/rules.md 10.1 */
  propagateExceptions?: boolean | undefined
  /** HTTP errors are errors like any other. Default false. @see docs/rules.md 10.2 */
  trapHttpExceptions?: boolean | undefined
  /** Teardown of a failed request waits for the next one. Default: `debug`. @see docs/rules.md 7.7 */
  preserveContextOnException?: boolean | undefined
  /** After methods also run on the 500 that nobody handles, as since Flask 1.1. Default false. @see docs/rules.md 6.4 */
  afterRequestOnUnhandledError?: boolean | undefined
}

/** What `bootstrap` takes besides. */
export interface BootstrapOptions extends LifecycleOptions {
  /** Koa middleware outside of the lifecycle, outermost first. */
  middleware?: readonly Koa.Middleware[] | undefined
  /** Where unhandled errors are written; `false` for nowhere. Default: the console. */
  logger?: Pick<Console, 'error'> | false | undefined
  /** Koa's own options. */
  koa?: ConstructorParameters<typeof Koa<Koa.DefaultState, Koa.DefaultContext>>[0] | undefined
}

/** What the options say of the lifecycle, with their defaults. */
export function settingsOf(options: LifecycleOptions): LifecycleSettings {
  const { debug = false, testing = false } = options
  return Object.freeze({
    propagateExceptions: options.propagateExceptions ?? (testing || debug),
    trapHttpExceptions: options.trapHttpExceptions ?? false,
    afterRequestOnUnhandledError: options.afterRequestOnUnhandledError ?? false,
  })
}
