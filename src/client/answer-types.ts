import type { Declared } from '../decorators/view-args'
import type { InputProblem } from '../errors/validation-error'
import type { OutputOf } from '../schema/standard-schema'
import type { JsonOf } from './json-of'

/** A response that the route declares. */
export interface Answer<Status extends number, Body> {
  readonly status: Status
  /** The document if it is JSON, a text, or a `Blob`; `undefined` if the response has no body. */
  readonly body: Body
  readonly headers: Headers
  /** What `fetch` returned, without its body, which has been read. */
  readonly response: Response
}

/** An HTTP error (RFC 9457), as a route that declares its input answers it. */
export interface Problem {
  readonly title: string
  readonly status: number
  readonly detail?: string
}

/** The answer 422: what is wrong with the input. */
export interface InvalidInput extends Problem {
  readonly errors: readonly InputProblem[]
}

/** `Answer<201, User> | Answer<409, Conflict>`: what a route declares, and what reading its input may answer. */
export type AnswerOf<In, Reply> =
  Each<WithProblems<Bodies<Reply>, ProblemStatus<Declared<In>>>> | Each<Problems<In, keyof Bodies<Reply>>>

type Each<Bodies> = {
  [Status in keyof Bodies]: Status extends number ? Answer<Status, Bodies[Status]> : never
}[keyof Bodies]

/** The bodies by status. A route that declares no success answers 200, or if it declares nothing any success. */
type Bodies<Reply> = [Reply] extends [never]
  ? Record<Success, unknown>
  : Reply extends { readonly '~standard': unknown }
    ? { 200: JsonOf<OutputOf<Reply>> }
    : { [Status in keyof Reply]: BodyOf<Reply[Status]> } & (Successful<keyof Reply> extends never
        ? { 200: unknown }
        : unknown)

type BodyOf<Declared> = Declared extends string
  ? unknown
  : Declared extends null
    ? undefined
    : JsonOf<OutputOf<Declared>>

/**
 * A schema is for what the view returns: the same error is problem details if it is thrown, or if the input does not fit. Where
 * a problem has all that the schema has, it is the schema's type.
 *
 * @template Unfit the statuses that reading the input may answer
 */
type WithProblems<Bodies, Unfit> = {
  [Status in keyof Bodies]: Status extends number
    ? `${Status}` extends `4${string}` | `5${string}`
      ? OrProblem<Bodies[Status], Status extends 422 & Unfit ? InvalidInput : Problem>
      : Bodies[Status]
    : never
}

/** A status that is declared without a body has none. What is wrong with the input is more than a `Problem`. */
type OrProblem<Body, Thrown> = [Body] extends [undefined]
  ? Body
  : Problem extends Thrown
    ? Problem extends Body
      ? Body
      : Body | Problem
    : Body | Thrown

type Success = 200 | 201 | 202 | 203 | 204 | 205 | 206 | 207 | 208 | 226

type Successful<Status> = Status extends number ? (`${Status}` extends `2${string}` ? Status : never) : never

/** What reading the input may answer and the route does not declare. */
type Problems<In, Known> = {
  [Status in Exclude<ProblemStatus<Declared<In>>, Known>]: Status extends 422 ? InvalidInput : Problem
}

// As `PROBLEMS` in answer.ts, which is for the same at run time.
type ProblemStatus<Location> =
  | (Location extends 'body' | 'form' ? 400 | 413 | 415 : Location extends 'query' ? 400 : never)
  | (Location extends never ? never : 422)
