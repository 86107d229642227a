import type { IsLoose, RuleArgs } from '../routing/rule-args'
import type { InputLocation } from '../errors/validation-error'
import type { UploadedFile } from '../input/uploaded-file'
import type { OutputOf } from '../schema/standard-schema'
import type { Context } from '../types'

/** The schemas of a route by location; `never` for a location that is not declared. */
export interface RouteInputs<Body = never, Form = never, Query = never, Headers = never, Cookies = never> {
  body: Body
  form: Form
  query: Query
  headers: Headers
  cookies: Cookies
}

/** The locations that a route declares: `'body' | 'query'`. */
export type Declared<In> = { [L in keyof In]: In[L] extends never ? never : L }[keyof In]

/** What the view gets of each declared location: what its schema makes of the input. */
type InputValues<In> = { [L in Declared<In>]: L extends 'form' ? FormOf<In[L]> : OutputOf<In[L]> }

/**
 * What a view gets of the option `form`: what its schema makes of the form. Schemas say that a file is a `File`; it is an
 * `UploadedFile`.
 *
 * @example async add({ form }: { form: FormOf<typeof Picture> }) { await form.picture.moveTo(path) }
 */
export type FormOf<S> = Uploaded<OutputOf<S>>

/** Without a file it stays the type that it is: a copy of a class is not that class. */
type Uploaded<Form> = Form extends unknown
  ? NamesOfFiles<Form> extends never
    ? Form
    : { [Name in keyof Form]: UploadedIn<Form[Name]> }
  : never

type NamesOfFiles<Form> = {
  [Name in keyof Form]-?: Extract<Form[Name], File | readonly File[]> extends never ? never : Name
}[keyof Form]

type UploadedIn<Value> = Value extends File
  ? UploadedFile
  : Value extends readonly File[]
    ? { [Index in keyof Value]: UploadedFile }
    : Value

/** All values of a view by name: the variables of its rule, the defaults that are no variables, and the inputs. */
type ViewValues<Rule extends string, D, In> =
  Declared<In> extends never
    ? Merged<RuleArgs<Rule>, Omit<D, keyof RuleArgs<Rule>>>
    : keyof D extends never
      ? Merged<RuleArgs<Rule>, InputValues<In>>
      : Merged<RuleArgs<Rule> & Omit<D, keyof RuleArgs<Rule> | Declared<In>>, InputValues<In>>

/** `A & B` as one object type, which compilers print as such. */
type Merged<A, B> = A & B extends infer Both ? { [Name in keyof Both]: Both[Name] } : never

/**
 * The values with those of the prefixes, which the compiler does not see: a method that names each value of its own may name
 * more. So a misspelt name is still an error, since one of its own is missing.
 */
type WithPrefix<Values, In, Method> = Method extends (args: infer Named, ...rest: never) => unknown
  ? string extends keyof Named
    ? Values // its index signature stands for all others
    : keyof Named extends keyof Values
      ? Values
      : keyof Values extends keyof Named
        ? Merged<Values, PrefixValues<Omit<Named, keyof Values>, In>>
        : Values
  : Values

/**
 * What a prefix can give of the other names. The name of a location is an input that the route does not declare, unless the
 * route declares no input at all and the value is one that a variable may have.
 */
type PrefixValues<Others, In> = {
  [
    Name in keyof Others as Name extends InputLocation
      ? Others[Name] extends (Declared<In> extends never ? string | number : never)
        ? Name
        : never
      : Name
  ]: Others[Name]
}

/**
 * A method that takes what the view of a rule gets: `(ctx)` when it has no values, else `(values, ctx)`. A function, and not a
 * list of parameters, because compilers compare lists with all that arrays have.
 */
export type ViewMethod<Rule extends string, D, In, Method, Values = ViewValues<Rule, D, In>> =
  IsLoose<Rule> extends true
    ? (...args: any[]) => unknown // only bootstrap can check such a rule
    : keyof Values extends never
      ? (ctx: Context) => unknown
      : (args: WithPrefix<Values, In, Method>, ctx: Context) => unknown

/** What the view of a rule gets first, without the values of prefixes. */
type FirstArg<Rule extends string, D, In> =
  IsLoose<Rule> extends true
    ? any // eslint-disable-line @typescript-eslint/no-explicit-any -- as above
    : keyof ViewValues<Rule, D, In> extends never
      ? Context
      : ViewValues<Rule, D, In>

/**
 * What a decorator for views knows of its route: for types only, `ArgsOf` and clients. At run time `decorator['~route']` is
 * `undefined`; the facts of `RouteFacts` are under `Symbol.for('flaskoa:route')`.
 */
export interface RouteContract<Verb extends string, Rule extends string, D, In, Reply> {
  readonly verb: Verb
  readonly rule: Rule
  /** The option `defaults`. */
  readonly defaults: D
  /** The view's first argument. */
  readonly args: FirstArg<Rule, D, In>
  /** The schemas by location, `never` for a location without one. */
  readonly inputs: In
  /** The option `response`, `never` without one. */
  readonly reply: Reply
}

/**
 * The first argument of the views of a decorator.
 *
 * @example @createUser create({ body }: ArgsOf<typeof createUser>) { … }
 */
export type ArgsOf<Decorator> = Decorator extends { readonly '~route'?: infer Contract }
  ? NonNullable<Contract> extends { readonly args: infer Args }
    ? Args
    : never
  : never
