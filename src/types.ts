import type { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type Koa from 'koa'
import type { HttpError } from './errors/http-error'
import type { RequestMethods } from './input/request-methods'
import type { ResponseMethods } from './response/response-methods'
import type { AssignedSession, Session } from './session/session-types'

export type { HttpError } from './errors/http-error'
export * from './session/session-types'
// Interfaces of flaskoa, so that users' declaration files need not import koa, which pnpm does not let them import.

/** What Flask's `request` knows of the rule that has matched. It is known in before methods and preprocessors, too. */
export interface RouteProperties {
  /** The endpoint, for instance `Users.show`; `undefined` when no rule matches. */
  readonly endpoint: string | undefined
  /** The blueprint's name, after those of the blueprints around it: `admin.users`. `undefined` for the application's. */
  readonly blueprint: string | undefined
  /** The blueprint and the blueprints around it: `['admin.users', 'admin']`. */
  readonly blueprints: readonly string[]
  /** The URL rule, for instance `/users/<int:id>`; `undefined` when no rule matches. */
  readonly urlRule: string | undefined
  /** The values of the rule's variables, converted, and its defaults; `undefined` when no rule matches. */
  readonly viewArgs: Record<string, unknown> | undefined
}

/** Koa's `ctx.request`. An import of this name hides fetch's global `Request`: prefer `KoaRequest`. */
export interface Request extends Koa.Request, RouteProperties, RequestMethods {}

/** Koa's `ctx.response`. An import of this name hides fetch's global `Response`: prefer `KoaResponse`. */
export interface Response extends Koa.Response, ResponseMethods {}

/** Koa's `ctx.request`. */
export type KoaRequest = Request

/** Koa's `ctx.response`. */
export type KoaResponse = Response

/**
 * What `g` holds during one request. The interface is empty, so that a typo is a compile error: declare your own names.
 *
 * @example declare module 'flaskoa' { interface Globals { username?: string } }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- users fill it by declaration merging
export interface Globals {}

/**
 * The values that `currentApp().config` has, with the extension of `flaskoa/config`. The interface is empty: declare your own.
 *
 * @example declare module 'flaskoa' { interface Config extends OutputOf<typeof Settings> {} }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- users fill it by declaration merging
export interface Config {}

/**
 * The converters, the names before the colon in `<int:id>`, with the types of the values that the view gets. Declare
 * the converters that you pass to `bootstrap`; `any(a,b)` is built in and gives `'a' | 'b'`.
 *
 * @example declare module 'flaskoa' { interface Converters { date: Date } }
 */
export interface Converters {
  string: string
  int: number
  float: number
  path: string
  uuid: string
}

/**
 * Koa's `ctx`, with the session, the rule that matched and its variables, and an AbortSignal.
 *
 * `ctx.id`, a text, is the request's id: its `X-Request-Id`, if that is 1 to 128 letters, digits and `._:/+=@~-`, else a random
 * UUID. It is not declared here, or a view could take `{ id }` although its rule has no such variable.
 */
export type Context = Koa.Context & {
  readonly request: Request
  readonly response: Response
  /** `g` of this request, also after an `await` with `asyncContext: false`. */
  readonly g: Globals
  get session(): Session
  set session(values: AssignedSession)
  /** The values of the rule's variables, converted, and its defaults. */
  params: Record<string, unknown>
  /**
   * Aborted when the client disconnects, at the request's timeout, and when a shutdown stops waiting. Pass it
   * on, for instance to `fetch`.
   */
  readonly signal: AbortSignal
  /** The option `logger`; if it has a method `child`, the child of this request, with `{ requestId: ctx.id }`. */
  readonly log: RequestLogger
}

export type Awaitable<T> = T | PromiseLike<T>

/** Any object that is not a function: only functions have this method. */
type NotCallable = object & { readonly [Symbol.hasInstance]?: never }

/** Any object, array or class instance, which is sent as JSON. Not a function, and not a promise without `await`. */
export type JsonObject = NotCallable & { readonly then?: NotCallable | string | number | boolean | null }

/** What a view may return: text, bytes, a stream, a finished response, or an object or array that is sent as JSON. */
export type ResponseValue =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | Readable
  | ReadableStream
  | AsyncIterable<string | Uint8Array>
  | globalThis.Response
  | KoaResponse
  | HttpError
  | JsonObject

/**
 * What `makeResponse` returns: Koa's `ctx.response`. With its status and value, for the compiler only: a view with the option
 * `response` is checked by them.
 */
export interface Made<Status extends number = number, Value = unknown> extends Response {
  readonly '~made'?: readonly [status: Status, value: Value]
}

/** The status of `makeResponse(value)`. In a view with the option `response` it is the first 2xx that is declared. */
export type UnsetStatus = 200 & { readonly '~unset': true }

/** How a request ended, for `@AfterResponse`: the data for access logs and metrics. */
export interface Outcome {
  /** The status that was sent, or that would have been sent to a client that disconnected. */
  readonly status: number
  /** The error that a method, the session or the response's stream threw, or an HTTP error such as the router's 404. */
  readonly error: Error | undefined
  /** Whether an error handler or the default page of an HTTP error answered `error`. `true` without an error. */
  readonly handled: boolean
  /** Whether the connection ended before the last byte of the response. */
  readonly aborted: boolean
  /**
   * The bytes of this response that went over the connection, with its head. With HTTP/2, and without a socket, only
   * the bytes of the body.
   */
  readonly bytesSent: number
  /**
   * From the start of the lifecycle to the last byte of the response or the abort, or to the end of teardown if that
   * is later.
   */
  readonly durationMs: number
  /** The URL rule, for instance `/users/<int:id>`; `undefined` for a URL that matches no rule. */
  readonly route: string | undefined
}

/** The options of `urlFor`. */
export interface UrlOptions {
  /**
   * Whether the URL has the scheme and host of the request. Default: true if `scheme` is given, and without a request.
   */
  external?: boolean
  /** The scheme, for instance `https`. Default: the scheme of the request. */
  scheme?: string
  /** The text after the `#`. */
  anchor?: string
  /** Use only rules for this HTTP method. Default: any, rules for GET first. */
  method?: string
}

/** The options of `gracefulShutdown`. */
export interface ShutdownOptions {
  /**
   * How long the server still accepts connections after the shutdown has begun, in milliseconds, so that a load balancer can see
   * that `/readyz` of `flaskoa/health` is 503 and stop sending. All else comes after it. Default 0.
   */
  delay?: number | undefined
  /** How long to wait for requests in flight to end, in milliseconds, after the delay. Default 10,000. */
  timeout?: number | undefined
  /**
   * How long requests that arrive on open connections are still answered before idle connections are closed, in
   * milliseconds. A part of `timeout`. Default 1,000.
   */
  grace?: number | undefined
  /** The application of the server. Needed if the server was not made by the application's `listen`. */
  app?: Koa | undefined
  /** Where the failure of a shutdown is logged; `false`: nowhere. Default: the logger of the application. */
  logger?: Logger | false | undefined
}

/** What a logger gets besides the message. */
export interface LogEntry {
  /** The error itself, with its causes. */
  err?: Error
  /** The request of the error, if there is one. It has the client's header fields: log what you need of it. */
  ctx?: Context
  /** `ctx.id`, for a logger without the method `child`. */
  requestId?: string
}

/** The option `logger`: a pino logger, the console, or an object with the same method. */
export interface Logger {
  /** A console gets `(message, err)` instead. */
  error(entry: LogEntry, message: string): void
}

/**
 * What `ctx.log` is. Declare the logger that you pass to `bootstrap`, and `ctx.log` has all of its methods.
 *
 * @example declare module 'flaskoa' { interface RequestLogger extends PinoLogger {} }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- users fill it by declaration merging
export interface RequestLogger extends Logger {}
