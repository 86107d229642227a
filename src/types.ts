import type { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type Koa from 'koa'
import type { HttpError } from './errors/http-error'

export type { HttpError } from './errors/http-error'
// Interfaces of flaskoa, so that the declaration files of users need not name koa, which pnpm hides from them.

/** Koa's `ctx.request`. The name shadows that of fetch where it is imported: `KoaRequest` is the clearer choice. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its name is all that it adds
export interface Request extends Koa.Request {}

/** Koa's `ctx.response`. The name shadows that of fetch where it is imported: `KoaResponse` is the clearer choice. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its name is all that it adds
export interface Response extends Koa.Response {}

/** Koa's `ctx.request`. */
export type KoaRequest = Request

/** Koa's `ctx.response`. */
export type KoaResponse = Response

/**
 * What `g` holds during one request. Empty, so that a typo is an error: declare your own names.
 *
 * @example declare module 'flaskoa' { interface Globals { username: string } }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- users fill it by declaration merging
export interface Globals {}

/**
 * What `session` holds from one request to the next. Empty, so that a typo is an error: declare your own names.
 *
 * @example declare module 'flaskoa' { interface SessionData { userId?: number } }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- users fill it by declaration merging
export interface SessionData {}

/**
 * The names that may stand before the colon in `<int:id>`, and what each makes of its part of the URL. Declare the
 * ones that you pass to `bootstrap` as `converters`; `any(a,b)` is built in and gives `'a' | 'b'`.
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

/** What a session has besides your data. */
export interface SessionControls {
  /** Whether the session outlives the browser window. */
  permanent: boolean
  /** How long it lasts, in milliseconds; `'session'` is until the browser closes. */
  maxAge: number | 'session'
  /** Whether it began with this request. */
  readonly isNew: boolean
  /** Whether this request has changed it. */
  readonly modified: boolean
  /** Removes your data, and what a store has of it: what is written afterwards is another session, with another key. */
  clear(): void
  /**
   * Gives the session another key in the store when it is saved, with the same data, so that nobody who knew the old one has
   * it: to be called where a user logs in, and wherever the session is worth more afterwards. The data under the old key
   * stays as it was until the new key is sent, and is destroyed then. A session in the cookie has no key and is sent anew.
   */
  regenerate(): void
}

export type Session = SessionData & SessionControls

/** Koa's context, with the session, the variables of the rule that matched, and a signal. */
export type Context = Koa.Context & {
  session: Session
  params: Record<string, unknown>
  /** Aborted when the client goes away, at the request's deadline, and when the server gives up: to hand on, to `fetch` for instance. */
  readonly signal: AbortSignal
}

export type Awaitable<T> = T | PromiseLike<T>

/** Only functions have this method, so this excludes them and nothing else. */
type NotCallable = object & { readonly [Symbol.hasInstance]?: never }

/** Any object, array or class instance. It is sent as JSON; a function, or a promise without `await`, is refused. */
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

/** What became of a request, for `@AfterResponse`: what access logs and metrics are made of. */
export interface Outcome {
  /** The status that was sent, or would have been if the client had stayed. */
  readonly status: number
  /** What a method, the session or the response's stream has thrown, or an HTTP error such as the router's 404. */
  readonly error: Error | undefined
  /** Whether an error handler has answered `error`, or the page of an HTTP error. `true` without an error. */
  readonly handled: boolean
  /** Whether the connection ended before the last byte of the response. */
  readonly aborted: boolean
  /** What went over the connection for this response, head included, in bytes. With HTTP/2, and without a socket, the body's. */
  readonly bytesSent: number
  /** From the arrival of the request at the lifecycle to the last byte or the abort, or to teardown if that came later. */
  readonly durationMs: number
  /** The URL rule, for instance `/users/<int:id>`; `undefined` for a URL that no rule has. */
  readonly route: string | undefined
}

/** What `urlFor` takes besides the endpoint and its values. */
export interface UrlOptions {
  /** With scheme and host, as the client sent them. Default: whether `scheme` is given. */
  external?: boolean
  /** `https`, for instance. Default: the request's. */
  scheme?: string
  /** What stands behind the `#`. */
  anchor?: string
  /** Only rules for this HTTP method. */
  method?: string
}

/** What `gracefulShutdown` takes besides the server. */
export interface ShutdownOptions {
  /** How long requests in flight may take to end by themselves, in milliseconds. Default 10,000. */
  timeout?: number | undefined
  /** The application behind the server, if the server was not made by its `listen`. */
  app?: Koa | undefined
  /** Where it is written that the process had to be ended. Default: the console. */
  logger?: Pick<Console, 'error'> | false | undefined
}
