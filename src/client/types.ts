import type { RouteGroup } from '../contract/route-group'
import type { RouteContract } from '../decorators/view-args'
import type { RuleArgs } from '../routing/rule-args'
import type { InputOf } from '../schema/standard-schema'
import type { AnswerOf } from './answer-types'

/** A method for each route, and an object of methods for each group; what else `Routes` has is left out. */
export type Client<Routes, Prefix extends string = ''> = {
  readonly [Name in keyof Routes as Kind<Routes[Name], Name>]: Routes[Name] extends RouteGroup<
    infer Inner,
    infer Grouped
  >
    ? Client<Grouped, `${Prefix}${Inner}`>
    : Routes[Name] extends { readonly '~route'?: infer Contract }
      ? CallFor<Prefix, NonNullable<Contract>>
      : never
}

/** The name of what is a route or a group. `'~route'` is optional: every object fits a type that only has it. */
type Kind<Route, Name> = Extract<'~route' | '~prefix', keyof Route> extends never ? never : Name

type CallFor<Prefix extends string, Contract> =
  Contract extends RouteContract<infer Verb, infer Rule, infer D, infer In, infer Reply>
    ? Call<CallInput<Prefix, Rule, D, In>, AnswerOf<In, Reply>, string extends Verb ? RouteCallOptions : CallOptions>
    : never

/** Sends a request. Its input can be left out when nothing in it is required. */
export type Call<Input, Answer, Options> = keyof Input extends never
  ? (input?: NoInput, options?: Options) => Promise<Answer>
  : Record<never, never> extends Input
    ? (input?: Input, options?: Options) => Promise<Answer>
    : (input: Input, options?: Options) => Promise<Answer>

/** The input of a route that takes none. */
export type NoInput = Readonly<Record<string, never>>

/**
 * The variables of prefix and rule, and the locations that the route declares, as a client sends them. In one object type, which
 * compilers print as such.
 */
type CallInput<Prefix extends string, Rule extends string, D, In> = Variables<RuleArgs<Prefix> & RuleArgs<Rule>, D> & {
  [Location in keyof In as Required<Location, In[Location]>]: InputOf<In[Location]>
} & { [Location in keyof In as Optional<Location, In[Location]>]?: InputOf<In[Location]> | undefined } extends infer All
  ? { [Name in keyof All]: All[Name] }
  : never

/** A variable with a default has only this value. */
type Variables<Values, D> = Omit<Values, keyof D> & Partial<Pick<Values, keyof Values & keyof D>>

type Required<Location, Of> = Of extends never
  ? never
  : IsOptional<Location, InputOf<Of>> extends true
    ? never
    : Location
type Optional<Location, Of> = Of extends never
  ? never
  : IsOptional<Location, InputOf<Of>> extends true
    ? Location
    : never

/** A body is there or not; the other locations may be empty. Cookies may be there without the caller. */
type IsOptional<Location, Input> = Location extends 'cookies'
  ? true
  : Location extends 'body'
    ? undefined extends Input
      ? true
      : false
    : Record<never, never> extends Input
      ? true
      : false

/** What one call can have besides its input. */
export interface CallOptions {
  /** Aborts the request: the call rejects with the signal's reason. */
  signal?: AbortSignal | undefined
  /** Header fields besides those that the route declares. They override those of the client. */
  headers?: Readonly<Record<string, string>> | undefined
  /** Sends this request instead of the client's `fetch`. */
  fetch?: Fetch | undefined
}

/** The same for a decorator of `Route`. */
export interface RouteCallOptions extends CallOptions {
  /** One of the route's HTTP methods. Default: the first. */
  method?: string | undefined
}

/** What sends a request: `fetch` of the platform, or a function around it. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>
