import type { Limits } from '../input/limits'
import type { Schema } from '../schema/standard-schema'

/** Values for the view by name, besides the variables of the rule. */
export type Defaults = Record<string, unknown>

/** The options of `@Get`, `@Post`, `@Put`, `@Patch` and `@Delete`. */
export interface VerbOptions<D extends Defaults = Defaults> {
  /** The view's name for `urlFor`. Default: the name of the method. */
  endpoint?: string
  /** A second name of the view for `urlFor`, without the name of its blueprint. */
  alias?: string
  /** Whether, for the rule `/users/`, a request for `/users` is redirected to `/users/`. Default true. */
  strictSlashes?: boolean
  /** Values for the view besides the variables of its rule. */
  defaults?: D
  /** Whether flaskoa answers OPTIONS. Default: true unless `methods` has `OPTIONS`. */
  provideAutomaticOptions?: boolean
  /** How much input the route reads; what is left out is as in the option `limits` of `bootstrap`. */
  limits?: Limits
  /** What the OpenAPI document says of the route; `false`: nothing at all. */
  doc?: OperationOptions | false
}

/** The options of `@Route`. */
export interface RouteOptions<D extends Defaults = Defaults> extends VerbOptions<D> {
  /** The HTTP methods. HEAD comes with GET. Default `['GET']`. */
  methods?: readonly string[]
}

/** Schemas of the responses by status. `null`: no body. A text describes a response that is not checked. */
export type ResponseSchemas = Readonly<Record<number, Schema | string | null>>

/** What a route takes and what it answers, as schemas of any library that implements Standard Schema. */
export interface InputOptions<
  Body extends Schema = Schema,
  Form extends Schema = Schema,
  Query extends Schema = Schema,
  Headers extends Schema = Schema,
  Cookies extends Schema = Schema,
  Reply extends Schema | ResponseSchemas = Schema | ResponseSchemas,
> {
  /** The JSON document that the client sends. */
  body?: Body
  /** The fields of an HTML form, urlencoded or multipart, with its files. */
  form?: Form
  /** The parameters of the query string. */
  query?: Query
  /** Header fields, by their names in lower case. */
  headers?: Headers
  /** Cookies, unsigned. */
  cookies?: Cookies
  /**
   * What the view answers: a schema for the status 200, or schemas by status. The first 2xx is the view's own status. An error
   * that is thrown, as by `abort`, is problem details also where its status has a schema.
   */
  response?: CheckedReply<Reply>
}

/** The option `response`, or the sentence that says what is wrong with it. */
type CheckedReply<Reply> = Reply extends { readonly '~standard': unknown }
  ? Reply
  : [keyof Reply] extends [number]
    ? Reply
    : 'responses are declared by status: write { 200: … }'

/**
 * The options of hooks that run around a view. Endpoints are named as in `urlFor`; in a blueprint without the blueprint's own
 * name: `show`.
 */
export interface HookOptions {
  /** The endpoints that the method runs for. Default: all, and URLs that match no rule. */
  only?: readonly string[]
  /** The endpoints that it does not run for. */
  except?: readonly string[]
}

/**
 * The options of `@BeforeRequest` and `@BeforeAppRequest`: what the OpenAPI document says of each route that the method runs
 * for.
 */
export interface GuardOptions extends HookOptions {
  /** The security schemes that the method checks: `{ bearer: [] }`. */
  security?: SecurityRequirement
  /** What the method answers instead of the view: `{ 401: Problem }`. It describes and is not checked. */
  response?: ResponseSchemas
}

/** All options of a route. */
export type DeclaredRoute = RouteOptions & InputOptions

/** What a decorator for views has at run time under `Symbol.for('flaskoa:route')`, for clients. */
export interface RouteFacts {
  /** The HTTP method; of `@Route` the first one. */
  readonly verb: string
  /** The rule, without the prefixes of blueprints. */
  readonly rule: string
  readonly options: DeclaredRoute
}

/** What the OpenAPI document says of a route besides its schemas. */
export interface OperationOptions {
  /** One line. */
  summary?: string
  /** Markdown. */
  description?: string
  /** Default: the name of the blueprint. */
  tags?: readonly string[]
  /** Default: the endpoint. */
  operationId?: string
  deprecated?: boolean
  /** Names of security schemes, one of which a client needs: `[{ bearer: [] }]`. */
  security?: readonly SecurityRequirement[]
  /** Examples of a request's body, by name. */
  examples?: Readonly<Record<string, unknown>>
  /** OpenAPI's Request Body Object, for a view that reads the body itself. The options `body` and `form` say it by themselves. */
  requestBody?: RequestBodyObject
}

/** A body by its media types, as OpenAPI has it: `{ content: { 'text/csv': { schema: { type: 'string' } } } }`. */
export interface RequestBodyObject {
  readonly content: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly description?: string
  /** Whether the body must be there. Default false. */
  readonly required?: boolean
  readonly [extension: `x-${string}`]: unknown
}

/** The security schemes that a client needs together, with their scopes. */
export type SecurityRequirement = Readonly<Record<string, readonly string[]>>
