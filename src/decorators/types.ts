import type { CheckedRule } from '../routing/rule-args'
import type { BuildError } from '../routing/url'
import type { Awaitable, Context, HttpError, Outcome, Response, ResponseValue, UrlOptions } from '../types'
import type { CommandArgs, CommandOptions } from './command-options'
import type { Fitting, Answers, LegacyTarget, StandardContext } from './fitting'
import type { Defaults, GuardOptions, HookOptions } from './route-options'

// A decorator can check the type of a method but not infer it.

/**
 * A decorator for methods that take `Args`, or fewer, and return a `Result`: one signature for each dialect. The
 * signatures differ in the number of arguments (`none` accepts no more), so that the compiler's message is about the
 * dialect in use.
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

/** The method gets no arguments, since it runs for no particular request; its return value is ignored. */
export type BeforeFirstDecorator = HookDecorator<[]>

type BeforeMethodDecorator = CheckedMethodDecorator<
  [ctx: Context],
  Awaitable<ResponseValue | void | null | undefined>,
  'a before hook must return a response value, or nothing to go on'
>

/**
 * The method gets `(ctx)`. If it returns anything other than `undefined` or `null`, that is the response. Options say what
 * the OpenAPI document has for each route that the method runs for.
 */
export interface BeforeDecorator extends BeforeMethodDecorator {
  (): BeforeMethodDecorator
  <Given>(options: CheckedGuard<Given>): BeforeMethodDecorator
}

/**
 * The options, or a sentence in the compiler's own words for the same mistake with another hook, `@AfterRequest('/')`. The
 * first branch is for inference only.
 */
type CheckedGuard<Given> = [Given] extends [never]
  ? Given
  : Given extends string | ErrorClass
    ? 'No overload expects 1 arguments, but overloads do exist that expect either 0 or 2 arguments; or write options: { only, except, security, response }'
    : GuardOptions

/** A decorator of a hook around a view: `@AfterRequest`, `@AfterRequest()`, `@AfterRequest({ only: ['show'] })`. */
export interface ViewHookDecorator<
  Args extends readonly unknown[],
  Result = unknown,
  Sentence = never,
> extends HookDecorator<Args, Result, Sentence> {
  (options?: HookOptions): CheckedMethodDecorator<Args, Result, Sentence>
}

/** The method gets `(response, ctx)` and must return a response: the same one, or one from `makeResponse`. */
export type AfterDecorator = ViewHookDecorator<
  [response: Response, ctx: Context],
  Awaitable<Response>,
  'an after hook must return a response: the one it was given, or one from makeResponse()'
>

/**
 * The method gets `(error, ctx)`; `error` is `undefined` when no error was left unhandled. Its return value is ignored.
 */
export type TeardownDecorator = ViewHookDecorator<[error: Error | undefined, ctx: Context]>

/** The method gets `(outcome, ctx)`; its return value is ignored. */
export type AfterResponseDecorator = ViewHookDecorator<[outcome: Outcome, ctx: Context]>

/** The method gets nothing; its return value is ignored. */
export type OnStartDecorator = HookDecorator<[]>

/** The method gets the name of the signal that ends the process, if there is one; its return value is ignored. */
export type OnShutdownDecorator = HookDecorator<[signal: string | undefined]>

/** The method gets `(error, ctx)`; `ctx` is `undefined` at the end of `withAppContext`, which has no request. */
export type TeardownAppContextDecorator = HookDecorator<[error: Error | undefined, ctx: Context | undefined]>

/**
 * The method gets `(endpoint, values, ctx)` and may change the values before the view gets them. `endpoint` and
 * `values` are `undefined` when no rule matched.
 */
export type UrlValuePreprocessorDecorator = HookDecorator<
  [endpoint: string | undefined, values: Record<string, unknown> | undefined, ctx: Context]
>

/** The method gets `(endpoint, values)` from `urlFor` and may add to the values; its return value is ignored. */
export type UrlDefaultsDecorator = HookDecorator<[endpoint: string, values: Record<string, unknown>]>

/**
 * The method gets the error and `urlFor`'s arguments, `(error, endpoint, values, options)`, and returns a URL or
 * nothing.
 */
export type UrlBuildErrorDecorator = HookDecorator<
  [error: BuildError, endpoint: string, values: Readonly<Record<string, unknown>>, options: UrlOptions],
  string | void | null | undefined,
  'a method for URLs that could not be built must return one, or nothing'
>

/** The method gets what the option `args` declares, by name: nothing without it. Its return value is for `testCommand`. */
export interface CommandDecorator {
  (name: string): CheckedMethodDecorator<[]>
  <const Options extends CommandOptions>(name: string, options: Options): CheckedMethodDecorator<CommandArgs<Options>>
}

/** A class of errors, for `@ErrorHandler`. */
// `any`: only the instance's type matters, not the arguments of the constructor.
export type ErrorClass = abstract new (...args: any[]) => object

type HandledError<Key> = Key extends ErrorClass ? InstanceType<Key> : HttpError

/** The method gets `(error, ctx)` and must return a response value. */
export interface ErrorHandlerDecorator {
  <Key extends number | ErrorClass>(
    codeOrClass: Key,
  ): CheckedMethodDecorator<
    [error: HandledError<Key>, ctx: Context],
    Awaitable<ResponseValue>,
    `an error handler must return a response value: ${Answers} (what it throws, also by abort(), is a 500: return makeResponse(…), or call the handler for HttpError; if it only throws, write ": never")`
  >
}

/** A class that can be constructed. */
// `any`: the option `resolve`, which constructs it, knows its arguments.
export type Class = new (...args: any[]) => object

/** A blueprint class, or an object that registers it with another prefix, name or defaults. */
export type BlueprintEntry = Class | { blueprint: Class; prefix?: string; name?: string; defaults?: Defaults }

/** What `@Blueprint` takes after the prefix. */
export interface BlueprintOptions {
  /** The part before the dot in the endpoints of its views. Default: the name of the class, which minifiers change. */
  name?: string
  /** The blueprints nested in this one. */
  blueprints?: readonly BlueprintEntry[]
  /** Values besides the variables of its rules. Views that get values, `ctx.params` and `urlFor` have them. */
  defaults?: Defaults
}

/** A decorator for classes: the legacy dialect passes one argument, the standard one two. */
export type ControllerDecorator = (target: Class, context?: ClassDecoratorContext) => void

/**
 * The rules of the class's views begin with the prefix, and the class's hooks run for these views only. Without a prefix, the
 * options come first.
 */
export interface BlueprintDecorator {
  <const Prefix extends string>(
    prefix?: CheckedRule<Prefix> | BlueprintOptions,
    options?: BlueprintOptions,
  ): ControllerDecorator
}
