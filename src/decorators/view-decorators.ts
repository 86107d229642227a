import type { CheckedRule } from '../routing/rule-args'
import type { Schema } from '../schema/standard-schema'
import type { Awaitable, ResponseValue } from '../types'
import type { Answers, LegacyTarget, OnlyMethods, StandardContext } from './fitting'
import type { Defaults, InputOptions, ResponseSchemas, RouteOptions, VerbOptions } from './route-options'
import type { Declared, RouteContract, RouteInputs, ViewMethod } from './view-args'
import type { FittingReply, Replies } from './view-reply'

/**
 * `Fitting` for a view: what the method must be assignable to. Compilers infer `Method` from the branches of this type, and what
 * stands in its condition is not evaluated for that: it would take as long as the check itself.
 */
type View<Rule extends string, D, In, Reply, Method> =
  Judged<Rule, D, In, Reply, Method> extends infer Wanted ? (Method extends never ? Method : Wanted) : never

// `string extends keyof Reply` is true for `never`, a view without the option `response`.
type Judged<Rule extends string, D, In, Reply, Method> = Method extends (...args: never) => unknown
  ? string extends keyof Reply
    ? Method extends ((...args: never) => infer _ extends Awaitable<ResponseValue>)
      ? Method & ViewMethod<Rule, D, In, Method>
      : `a view must return a response value: ${Answers} (if it only throws, write ": never")`
    : FittingReply<Method, ViewMethod<Rule, D, In, Method>, Replies<Reply>>
  : OnlyMethods

/**
 * A decorator for the views of one rule: as `CheckedMethodDecorator`, but the arguments depend on the method, and so does the
 * result if the route declares its responses.
 */
export interface ViewDecorator<
  Rule extends string,
  D extends Defaults,
  In = RouteInputs,
  Reply = never,
  Verb extends string = string,
> {
  <M>(
    target: LegacyTarget,
    name: string | symbol,
    descriptor: { value?: View<Rule, D, In, Reply, M> | undefined },
  ): void
  <M>(method: View<Rule, D, In, Reply, M>, context: StandardContext, ...none: []): void
  readonly '~route'?: RouteContract<Verb, Rule, D, In, Reply>
}

/**
 * The method gets `(ctx)`, or `(args, ctx)` when the rule has variables or the options have defaults or schemas of input. It
 * must return a response value, or what the option `response` declares.
 */
export interface RouteDecorator {
  <
    const Rule extends string,
    D extends Defaults = Record<never, never>,
    Body extends Schema = never,
    Form extends Schema = never,
    Query extends Schema = never,
    Headers extends Schema = never,
    Cookies extends Schema = never,
    Reply extends Schema | ResponseSchemas = never,
  >(
    rule: CheckedRule<Rule, Declared<RouteInputs<Body, Form, Query, Headers, Cookies>>>,
    options?: RouteOptions<D> & InputOptions<Body, Form, Query, Headers, Cookies, Reply>,
  ): ViewDecorator<Rule, D, RouteInputs<Body, Form, Query, Headers, Cookies>, Reply>
}

/** The same as `RouteDecorator`, for one HTTP method. */
export interface VerbDecorator<Verb extends string = string> {
  <
    const Rule extends string,
    D extends Defaults = Record<never, never>,
    Body extends Schema = never,
    Form extends Schema = never,
    Query extends Schema = never,
    Headers extends Schema = never,
    Cookies extends Schema = never,
    Reply extends Schema | ResponseSchemas = never,
  >(
    rule: CheckedRule<Rule, Declared<RouteInputs<Body, Form, Query, Headers, Cookies>>>,
    options?: VerbOptions<D> & InputOptions<Body, Form, Query, Headers, Cookies, Reply>,
  ): ViewDecorator<Rule, D, RouteInputs<Body, Form, Query, Headers, Cookies>, Reply, Verb>
}
