/**
 * A program: a whole application and the requests that it gets, as plain data. It is built once in Python on Flask and
 * once in TypeScript on flaskoa, and what can be seen of the two is compared.
 */
export interface Program {
  readonly config: Config
  readonly app: Scope
  readonly requests: readonly Request[]
}

export interface Config {
  readonly secret: boolean
  /** `null`: not set. */
  readonly propagate: boolean | null
  readonly testing: boolean
  readonly debug: boolean
  readonly trap: boolean
  /** Rule 6.4: whether after methods run when no handler answers an error. */
  readonly afterOnUnhandled: boolean
  /** Rule 7.7: whether a failed request's teardown waits. */
  readonly preserve: boolean
}

/** The application or a blueprint. */
export interface Scope {
  readonly name: string
  readonly prefix: string
  readonly methods: readonly Method[]
  readonly blueprints: readonly Scope[]
}

export type Kind = 'first' | 'preprocess' | 'before' | 'view' | 'error' | 'after' | 'teardown'

/** A method of a controller: what it is decorated with, and what it does. */
export interface Method {
  readonly name: string
  readonly kind: Kind
  /** Of a blueprint's hook: whether it is for every request of the application. */
  readonly appWide: boolean
  /** Of an error handler. */
  readonly key?: Key
  /** Of a view. */
  readonly routes?: readonly Route[]
  readonly steps: readonly Step[]
}

export interface Route {
  readonly rule: string
  readonly methods: readonly string[]
  readonly strictSlashes: boolean
  readonly automaticOptions: boolean
  readonly defaults: Readonly<Record<string, Json>>
}

export const ERROR_CLASSES = ['Base', 'Derived', 'Missing', 'TypeError', 'Exception', 'HTTPException'] as const
export type Key = number | (typeof ERROR_CLASSES)[number]

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type Step =
  | { readonly do: 'g.set' | 'session.set'; readonly key: string; readonly value: Json }
  | { readonly do: 'g.get' | 'session.get' | 'session.has' | 'session.delete'; readonly key: string }
  | { readonly do: 'session.clear' | 'session.poison' }
  | { readonly do: 'session.permanent'; readonly value: boolean }
  /** In a preprocessor: writes to the view's values, whether there are any or not. */
  | { readonly do: 'values.set'; readonly key: string; readonly value: Json }
  | { readonly do: 'values.pop'; readonly key: string }
  | { readonly do: 'afterThis'; readonly steps: readonly Step[] }
  /** In an after method: on the response that it was given. */
  | { readonly do: 'status'; readonly status: number }
  | { readonly do: 'header'; readonly name: string; readonly value: string }
  | { readonly do: 'replace'; readonly value: Value }
  /** `once`: only the first time that the step is reached. */
  | { readonly do: 'raise'; readonly error: Raised; readonly once: boolean }
  | { readonly do: 'return'; readonly value: Value }

export type Raised =
  | { readonly kind: 'Base' | 'Derived' | 'Missing' | 'TypeError' | 'Exception' }
  /** Something that is no error; Python has no such thing and raises an Exception. */
  | { readonly kind: 'value' }
  /** The error that the method was given. */
  | { readonly kind: 'again' }
  | { readonly kind: 'abort'; readonly code: number }
  | { readonly kind: 'abortResponse'; readonly value: Value }

export type Value =
  | { readonly kind: 'none' | 'zero' | 'false' | 'true' | 'number' | 'unserialisable' }
  | { readonly kind: 'text' | 'bytes'; readonly text: string }
  | { readonly kind: 'json'; readonly json: Json }
  | { readonly kind: 'httpError'; readonly code: number }
  | { readonly kind: 'redirect'; readonly url: string; readonly code: number }
  | { readonly kind: 'stream'; readonly chunks: readonly Chunk[]; readonly context: boolean }
  /** `makeResponse(body, status, headers)` */
  | {
      readonly kind: 'response'
      readonly body: Value
      readonly status: number | null
      readonly headers: Readonly<Record<string, string>>
    }

export type Chunk =
  | { readonly kind: 'text'; readonly text: string }
  /** What `g` or the session hold while the stream runs. */
  | { readonly kind: 'g' | 'session'; readonly key: string }
  | { readonly kind: 'fail' }

export interface Request {
  readonly method: string
  readonly url: string
  /** Whether the client sends and keeps its cookies, or has none, or sends a forged session. */
  readonly cookies: 'kept' | 'none' | 'forged'
}

/** One thing that ran: its kind, who it was, and its arguments. */
export type Entry = readonly Json[]

/** What can be seen of one request. */
export interface Observation {
  readonly trace: readonly Entry[]
  /** Errors that no handler answered, as the application's error event received them. */
  readonly reported: readonly string[]
  readonly outcome: 'answered' | 'left' | 'broken'
  /** The error that left the framework. */
  readonly error: string | null
  readonly status: number
  readonly body: Json
  readonly headers: Readonly<Record<string, Json>>
  readonly cookie: Json
}

export interface Run {
  readonly requests: readonly Observation[]
  /** What ran when the server closed. */
  readonly closing: readonly Entry[]
}

export const allScopes = (scope: Scope): Scope[] => [scope, ...scope.blueprints.flatMap(allScopes)]
