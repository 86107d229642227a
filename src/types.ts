import type { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { HttpError } from 'http-errors'
import type { Context as KoaContext, Response as KoaResponse } from 'koa'

export type { HttpError } from 'http-errors'
export type { Request, Response } from 'koa'

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
export type Context = KoaContext & {
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
