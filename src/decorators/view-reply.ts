import type { Awaitable, Made, Response, ResponseValue, UnsetStatus } from '../types'
import type { InputOf } from '../schema/standard-schema'

// What a view with the option `response` may return. The compiler compares the values with what the schemas take, so that a
// default may be left out and what a schema transforms is given untransformed.

/** The values that are declared for each status: `{ 201: { id: number }; 204: null }`. One schema is for the status 200. */
export type Replies<Reply> = Reply extends { readonly '~standard': unknown }
  ? { 200: InputOf<Reply> }
  : OwnStatus<Reply> extends never
    ? { [Status in keyof Reply]: ValueOf<Reply[Status]> } & { 200: ResponseValue }
    : { [Status in keyof Reply]: ValueOf<Reply[Status]> }

/** What may be answered where a schema, a text or `null` is declared. */
type ValueOf<Declared> = Declared extends string
  ? ResponseValue
  : Declared extends null
    ? void | null | undefined | ''
    : InputOf<Declared>

/** The status of what a view returns: the first 2xx that is declared. */
type OwnStatus<Reply> = 200 extends keyof Reply
  ? 200
  : 201 extends keyof Reply
    ? 201
    : 202 extends keyof Reply
      ? 202
      : 203 extends keyof Reply
        ? 203
        : 204 extends keyof Reply
          ? 204
          : Successful<keyof Reply>

type Successful<Status> = Status extends number ? (`${Status}` extends `2${string}` ? Status : never) : never

/** What a view may return: the value of its own status, or a finished response, whose value `Undeclared` compares. */
type Answer<Values> = Values[OwnStatus<Values> & keyof Values] | globalThis.Response | Response

/** The same, in a promise if the view returns one, so that compilers compare the values and not the methods of promises. */
type AnswerLike<Result, Values> = [Result] extends [PromiseLike<unknown>]
  ? Promise<Answer<Values>>
  : Extract<Result, PromiseLike<unknown>> extends never
    ? Answer<Values>
    : Awaitable<Answer<Values>>

/** A sentence for each response of `makeResponse` that is not as declared. */
type Undeclared<Result, Values> = Result extends unknown
  ? '~made' extends keyof Result
    ? Result extends Made<infer Status, infer Value>
      ? UndeclaredAt<Status extends UnsetStatus ? OwnStatus<Values> : Status, Value, Values>
      : never
    : never
  : never

type UndeclaredAt<Status extends number, Value, Values> = number extends Status
  ? never // a computed status: it is checked when the view has answered
  : Status extends keyof Values
    ? [Value] extends [Values[Status] | Frozen<Values[Status]> | globalThis.Response | Response]
      ? never
      : `makeResponse(…, ${Status}): the value does not fit the response declared for ${Status}${Hint<Value, Values[Status]>}`
    : `makeResponse(…, ${Status}): ${Status} is not among the declared responses, ${keyof Values & number}`

/** The same with all properties read-only, as `makeResponse` infers an object or a list that is written in its brackets. */
type Frozen<T> = T extends (...args: never) => unknown
  ? T
  : T extends object
    ? { readonly [Name in keyof T]: Frozen<T[Name]> }
    : T

/** `": look at 'title'"`, for each property that differs. */
type Hint<Value, Wanted> = Differing<Value, Wanted> extends never ? '' : `: look at '${Differing<Value, Wanted>}'`

type Differing<Value, Wanted> = Wanted extends string | number | boolean | null | undefined | readonly unknown[]
  ? never
  : {
      [Name in keyof Wanted & string]: Name extends keyof Value
        ? Value[Name] extends Wanted[Name] | Frozen<Wanted[Name]>
          ? never
          : Name
        : Record<never, never> extends Pick<Wanted, Name>
          ? never
          : Name
    }[keyof Wanted & string]

/**
 * The method of a view with the option `response`, with its parameters checked, when its result fits; else what it may return,
 * or a sentence on what it gives to `makeResponse`.
 *
 * @template Wanted a method with the parameters of the view
 */
export type FittingReply<
  Method extends (...args: never) => unknown,
  Wanted extends (...args: never) => unknown,
  Values,
> =
  Undeclared<Awaited<ReturnType<Method>>, Values> extends never
    ? Awaited<ReturnType<Method>> extends Answer<Values>
      ? Method & Wanted
      : (...args: Parameters<Wanted>) => AnswerLike<ReturnType<Method>, Values>
    : Undeclared<Awaited<ReturnType<Method>>, Values>
