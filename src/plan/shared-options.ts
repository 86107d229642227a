import type Koa from 'koa'
import type { ResponseMismatchMode } from '../answers/declared-answers'
import type { Class } from '../decorators/types'
import type { ConverterDefinition } from '../routing/converters'
import type { Limits } from '../input/limits'
import type { ToJsonSchema } from '../schema/json-schema'
import type { SessionOptions } from '../session/options'
import type { Logger } from '../types'

/** The options of a lifecycle that the application and its extensions may give. */
export interface SharedOptions {
  /** Signs the session's cookie. In a list, the first key signs and all keys verify, so that a key can be replaced. */
  secretKey?: string | readonly string[] | undefined
  /** koa-session's options, with Flask's defaults: a browser session, HttpOnly, SameSite=Lax. */
  session?: SessionOptions | undefined
  /** Makes a controller's instance, for instance with a DI container. Default: `new Controller()`. */
  resolve?: ((controller: Class) => object) | undefined
  /** Converters of your own by name, for rules like `/<hex:id>`. */
  converters?: Readonly<Record<string, ConverterDefinition>> | undefined
  /**
   * The timeout of a request, in milliseconds. When it passes, `ctx.signal` is aborted, the lifecycle no longer waits
   * for the running method, and the answer is a 503. The error handlers, after methods and teardown that follow get the
   * same time again. The timeout ends when the response is decided: a stream may take longer. Default: no timeout.
   */
  requestTimeout?: number | undefined
  /**
   * Whether `g`, `session`, `request` and `currentContext()` work wherever a request's code runs. `false` makes each `await`
   * cheaper: they then work until the first `await` of a method, and `ctx.g`, `ctx.session` and `ctx.request` everywhere.
   * Default true.
   */
  asyncContext?: boolean | undefined
  /**
   * The application's URL, for `urlFor` outside of a request and in a request without a host: `https://example.com`, or with
   * a path.
   */
  baseUrl?: string | undefined
  /**
   * The hosts of the application, without ports; `.example.com` is for subdomains, too. A request to any other host is a 400.
   * Default: all hosts.
   */
  trustedHosts?: readonly string[] | undefined
  /** How much input a request may send. A route may have limits of its own. */
  limits?: Limits | undefined
  /**
   * Makes the JSON Schema of a schema whose library does not, for instance `toJsonSchema` of `@valibot/to-json-schema`. It
   * decides which texts of a query, a form, headers and cookies become numbers, booleans and lists.
   */
  toJsonSchema?: ToJsonSchema | undefined
  /**
   * Whether HTTP errors without a handler are answered by problem details (RFC 9457), unless the client prefers HTML. Default
   * false: only those of routes that declare input or responses.
   */
  problemDetails?: boolean | undefined
  /**
   * What happens to a response that does not fit the option `response` of its route. `error`, the default: it is a
   * ResponseMismatch, an unhandled error. `log`: the error is only reported, and the fields that are declared are sent.
   */
  responseMismatch?: ResponseMismatchMode | undefined
  /**
   * Whether responses have a `Server-Timing` field with the time that each stage took. It names the methods of the controllers.
   * Default: `debug`.
   */
  serverTiming?: boolean | undefined
  /** Unhandled errors leave the lifecycle. Default: `testing || debug`. @see docs/rules.md [10.1] */
  propagateExceptions?: boolean | undefined
  /** HTTP errors are treated as any other error. Default false. @see docs/rules.md [10.2] */
  trapHttpExceptions?: boolean | undefined
  /** The teardown of a failed request waits for the next request. Default: `debug`. @see docs/rules.md [7.7] */
  preserveContextOnException?: boolean | undefined
  /**
   * After methods also run on a 500 that no handler answers, as since Flask 1.1. Default false.
   *
   * @see docs/rules.md [6.4]
   */
  afterRequestOnUnhandledError?: boolean | undefined
}

/** The options of a Koa application that `bootstrap` makes. */
export interface ApplicationOptions {
  /** Koa middleware that runs around the lifecycle, outermost first. */
  middleware?: readonly Koa.Middleware[] | undefined
  /** Where unhandled errors are logged; `false`: nowhere. Default: the console. */
  logger?: Logger | false | undefined
  /** The options of Koa itself. */
  koa?: ConstructorParameters<typeof Koa<Koa.DefaultState, Koa.DefaultContext>>[0] | undefined
}
