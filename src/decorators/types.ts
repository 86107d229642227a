import type { CheckedRule, IsLoose, RuleArgs } from '../routing/rule-args'
import type { BuildError } from '../routing/url'
import type { Awaitable, Context, HttpError, Outcome, Response, ResponseValue, UrlOptions } from '../types'

// A decorator can check the type of a method but not infer it. Where a check fails, the type of a parameter becomes a
// sentence, which the compiler prints.

type NotStatic = 'only instance methods can be decorated, not static ones'
type NotPrivate = 'a #private method cannot be decorated: nothing outside the class can call it'
type OnlyMethods = 'only methods can be decorated, not fields, accessors or classes'

/** What the legacy dialect puts a method on: a prototype. Static methods are on the class, which has a `prototype`. */
type LegacyTarget = object & { readonly prototype?: NotStatic }

/** What the standard dialect says about a method: the part of `ClassMethodDecoratorContext` that is needed. */
interface StandardContext {
  readonly kind: 'method' | OnlyMethods
  readonly name: string | symbol
  readonly static: false | NotStatic
  readonly private: false | NotPrivate
  readonly metadata: object | undefined
}

/** `Method` when it fits, else what is wrong. It must be a function *type*: their parameters are compared strictly. */
type Fitting<Method, Args extends readonly unknown[], Result, Sentence> = Method extends (...args: never) => unknown
  ? Method extends ((...args: never) => infer _ extends Result) // `infer` sees that a `T extends object` fits
    ? Method & ((...args: Args) => unknown)
    : Sentence
  : OnlyMethods

/**
 * A decorator for methods that take `Args`, or fewer, and return a `Result`: a line for each dialect. They differ in
 * the number of arguments (`none` takes none), so the compiler's message is about the one that was meant.
 */
export interface CheckedMethodDecorator<Args extends readonly unknown[], Result = unknown, Sentence = never> {
  <M>(
    target: LegacyTarget,
    name: string | symbol,
    descriptor: { value?: Fitting<M, Args, Result, Sentence> | undefined },
  ): void
  <M>(method: Fitting<M, Args, Result, Sentence>, context: StandardContext, ...none: []): void
}

/** A decorator that works bare, `@BeforeRequest`, and called, `@BeforeRequest()`. */
export interface HookDecorator<
  Args extends readonly unknown[],
  Result = unknown,
  Sentence = never,
> extends CheckedMethodDecorator<Args, Result, Sentence> {
  (): CheckedMethodDecorator<Args, Result, Sentence>
}

/** The method gets nothing, since there is no request of its own; what it returns is ignored. */
export type BeforeFirstDecorator = HookDecorator<[]>

/** The method gets `(ctx)`. Anything that it returns but `undefined` and `null` is the response. */
export type BeforeDecorator = HookDecorator<
  [ctx: Context],
  Awaitable<ResponseValue | void | null | undefined>,
  'a before hook must return a response value, or nothing to go on'
>

/** The method gets `(response, ctx)` and must return a response: that one, or one from `makeResponse`. */
export type AfterDecorator = HookDecorator<
  [response: Response, ctx: Context],
  Awaitable<Response>,
  'an after hook must return a response: the one it was given, or one from makeResponse()'
>

/** The method gets `(error, ctx)`, `undefined` when no error went unhandled; what it returns is ignored. */
export type TeardownDecorator = HookDecorator<[error: Error | undefined, ctx: Context]>

/** The method gets `(outcome, ctx)`; what it returns is ignored. */
export type AfterResponseDecorator = HookDecorator<[outcome: Outcome, ctx: Context]>

/** The method gets the name of the signal that ends the process, if one does; what it returns is ignored. */
export type OnShutdownDecorator = HookDecorator<[signal: string | undefined]>

/** The method gets `(error, ctx)`, without a `ctx` when no request has ended but `withAppContext`. */
export type TeardownAppContextDecorator = HookDecorator<[error: Error | undefined, ctx: Context | undefined]>

/**
 * The method gets `(endpoint, values, ctx)` and may change the values before the view gets them. Both are `undefined`
 * when no rule matched.
 */
export type UrlValuePreprocessorDecorator = HookDecorator<
  [endpoint: string | undefined, values: Record<string, unknown> | undefined, ctx: Context]
>

/** The method gets `(endpoint, values)` from `urlFor` and may add to the values; what it returns is ignored. */
export type UrlDefaultsDecorator = HookDecorator<[endpoint: string, values: Record<string, unknown>]>

/** The method gets `(error, endpoint, values, options)` as `urlFor` has them, and returns a URL or nothing. */
export type UrlBuildErrorDecorator = HookDecorator<
  [error: BuildError, endpoint: string, values: Readonly<Record<string, unknown>>, options: UrlOptions],
  string | void | null | undefined,
  'a method for URLs that could not be built must return one, or nothing'
>

/** What a caught error may be an instance of. */
// `any`: only what it constructs matters.
export type ErrorClass = abstract new (...args: any[]) => object

type HandledError<Key> = Key extends ErrorClass ? InstanceType<Key> : HttpError

/** What compilers print. They take the result of a method that only throws for `void`. */
type Answers = 'text, bytes, a stream, a response, an object or an array (if it only throws, write ": never")'

/** The method gets `(error, ctx)` and must return a response value. */
export interface ErrorHandlerDecorator {
  <Key extends number | ErrorClass>(
    codeOrClass: Key,
  ): CheckedMethodDecorator<
    [error: HandledError<Key>, ctx: Context],
    Awaitable<ResponseValue>,
    `an error handler must return a response value: ${Answers}`
  >
}

/** Values for variables that a rule does not have. */
type Defaults = Record<string, unknown>

export interface VerbOptions<D extends Defaults = Defaults> {
  /** What `urlFor` calls the view; without it, the name of the method. */
  endpoint?: string
  /** Whether `/users/` redirects from `/users`; the default is true. */
  strictSlashes?: boolean
  /** Values for the view besides the variables of its rule. */
  defaults?: D
  /** Whether OPTIONS is answered for you; the default is true unless `methods` names it. */
  provideAutomaticOptions?: boolean
}

export interface RouteOptions<D extends Defaults = Defaults> extends VerbOptions<D> {
  /** The default is GET, which brings HEAD. */
  methods?: readonly string[]
}

/** `{ id: number }` and the defaults that are not variables of the rule. */
type ViewValues<Rule extends string, D> = RuleArgs<Rule> & Omit<D, keyof RuleArgs<Rule>> extends infer Values
  ? { [Name in keyof Values]: Values[Name] }
  : never

/** `(ctx)` when the rule has no variables, else `(values, ctx)`. */
type ViewArgs<Rule extends string, D, Values = ViewValues<Rule, D>> =
  IsLoose<Rule> extends true
    ? any[] // eslint-disable-line @typescript-eslint/no-explicit-any -- bootstrap's to judge
    : [keyof Values] extends [never]
      ? [ctx: Context]
      : [args: Values, ctx: Context]

/** A decorator for the views of one rule. An interface, so that compilers print its name and not what it consists of. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- its name is all that it adds
export interface ViewDecorator<Rule extends string, D extends Defaults> extends CheckedMethodDecorator<
  ViewArgs<Rule, D>,
  Awaitable<ResponseValue>,
  `a view must return a response value: ${Answers}`
> {}

/**
 * The method gets `(ctx)`, or `(args, ctx)` when the rule has variables or the options have defaults, and must return
 * a response value.
 */
export interface RouteDecorator {
  <const Rule extends string, D extends Defaults = Record<never, never>>(
    rule: CheckedRule<Rule>,
    options?: RouteOptions<D>,
  ): ViewDecorator<Rule, D>
}

/** As `Route`, for the one HTTP method of its name. */
export interface VerbDecorator {
  <const Rule extends string, D extends Defaults = Record<never, never>>(
    rule: CheckedRule<Rule>,
    options?: VerbOptions<D>,
  ): ViewDecorator<Rule, D>
}

/** A class that can be constructed. */
// `any`: who constructs it knows what it takes.
export type Class = new (...args: any[]) => object

/** A blueprint as its class says, or registered otherwise. */
export type BlueprintEntry = Class | { blueprint: Class; prefix?: string; name?: string; defaults?: Defaults }

/** What `@Blueprint` takes after the prefix. */
export interface BlueprintOptions {
  /** What stands before the dot in the endpoints of its views. */
  name?: string
  blueprints?: readonly BlueprintEntry[]
  /** Values beside the variables of its rules, for views that get values, `ctx.params` and `urlFor`. */
  defaults?: Defaults
}

/** A decorator for classes: the legacy dialect passes one argument, the standard one two. */
export type ControllerDecorator = (target: Class, context?: ClassDecoratorContext) => void

/** The views of the class have their rules under the prefix, and its hooks run for them alone. */
export interface BlueprintDecorator {
  <const Prefix extends string>(prefix?: CheckedRule<Prefix>, options?: BlueprintOptions): ControllerDecorator
}
