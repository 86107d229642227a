import { describe } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import { INPUT_LOCATIONS, ValidationError, type InputLocation, type InputProblem } from '../errors/validation-error'
import { withoutStack } from '../errors/without-stack'
import type { JsonSchemas } from '../schema/json-schema'
import { isSchema, pointerOf, type Schema, type SchemaResult } from '../schema/standard-schema'
import { validate } from '../schema/validate'
import type { Context } from '../types'
import { isThenable } from '../util/thenable'
import { assertNoCoercion } from './assert-no-coercion'
import { assertSendable } from './assert-sendable'
import { cookiesOf } from './cookies'
import { Kinds } from './kinds'
import { refuse } from './refuse'
import { RequestInput } from './request-input'
import { coerce, collect, withLists, type Texts } from './texts'

/** The schemas of a route, as its options have them. */
export type DeclaredInput = Readonly<Partial<Record<InputLocation, unknown>>>

type Result = SchemaResult<unknown>

/** One location that a route declares. */
interface Part {
  readonly location: InputLocation
  /** Reads and checks what the location has. Returns what `use` makes of the result. */
  readonly check: (ctx: Context, use: (result: Result) => unknown) => unknown
}

/**
 * Makes the step that reads and checks the input of a route, behind the last before method. `undefined` for a route that
 * declares none.
 *
 * @param names of the values that the view gets besides
 * @param where the method and its decorator, for errors: `Users.create: @Post`
 * @throws SetupError for schemas that can't work
 */
export function inputStep(
  declared: DeclaredInput,
  schemas: JsonSchemas,
  names: readonly string[],
  where: string,
): ((ctx: Context) => unknown) | undefined {
  const parts = INPUT_LOCATIONS.flatMap(location => {
    const schema = declared[location]
    return schema === undefined ? [] : [partOf(location, checkedSchema(schema, location, where), schemas, where)]
  })
  const taken = parts.find(({ location }) => names.includes(location))
  if (taken !== undefined) throw nameTaken(taken.location, where)
  if (declared.body !== undefined && declared.form !== undefined) {
    throw new SetupError(
      'BAD_OPTION',
      `${where} declares both body and form, but a request has one body. Leave one out.`,
    )
  }
  if (parts.length === 0) return undefined
  const step = (ctx: Context) => readInput(ctx, parts, [])
  return Object.defineProperty(step, 'name', { value: parts.map(({ location }) => location).join(', ') })
}

function partOf(location: InputLocation, schema: Schema, schemas: JsonSchemas, where: string): Part {
  if (location === 'body') {
    return { location, check: (ctx, use) => RequestInput.of(ctx).json(document => check(schema, document, use)) }
  }
  const json = schemas.of(schema, 'input')
  if (json === undefined) assertNoCoercion(schema, `${where}: the option ${location}`)
  assertSendable(schema, schemas, location, `${where}: the option ${location}`)
  const kinds = new Kinds(json ?? {})
  const read = SOURCES[location]
  return {
    location,
    check: (ctx, use) => whenKnown(read(ctx, kinds), texts => check(schema, coerce(texts, kinds), use)),
  }
}

const SOURCES: Readonly<
  Record<Exclude<InputLocation, 'body'>, (ctx: Context, kinds: Kinds) => Texts | Promise<Texts>>
> = {
  query: ctx => collect(new URLSearchParams(ctx.querystring)),
  headers: (ctx, kinds) => withLists(ctx.req.headers, kinds),
  cookies: ctx => cookiesOf(ctx.req.headers.cookie),
  form: ctx => RequestInput.of(ctx).declaredForm().then(collect),
}

/**
 * Checks one location after the other, and waits only if something must be waited for. (What `use` does belongs to the same
 * promise: with AsyncLocalStorage each one costs as much as a before method.)
 */
function readInput(ctx: Context, parts: readonly Part[], results: Result[]): unknown {
  const part = parts[results.length]
  if (part === undefined) return take(ctx, parts, results)
  return part.check(ctx, result => readInput(ctx, parts, [...results, result]))
}

function check(schema: Schema, value: unknown, use: (result: Result) => unknown): unknown {
  let result: ReturnType<typeof validate>
  try {
    result = validate(schema, value)
  } catch (error) {
    return refuseDepth(error)
  }
  return isThenable(result) ? result.then(use, refuseDepth) : use(result)
}

const whenKnown = <V>(value: V | Promise<V>, use: (value: V) => unknown): unknown =>
  value instanceof Promise ? value.then(use) : use(value)

/** @throws HttpError 400 for a document whose depth is more than a recursive schema can follow, else the error itself */
function refuseDepth(error: unknown): never {
  if (error instanceof RangeError) refuse(400, 'the body is nested too deeply')
  throw error
}

/** Keeps the values for the view. @throws ValidationError with the problems of all locations */
function take(ctx: Context, parts: readonly Part[], results: readonly Result[]): void {
  const declared: Record<string, unknown> = {}
  const problems: InputProblem[] = []
  for (const [index, { location }] of parts.entries()) {
    const result = results[index] as Result
    if (result.issues === undefined) declared[location] = result.value
    else
      for (const issue of result.issues)
        problems.push({ in: location, pointer: pointerOf(issue), detail: issue.message })
  }
  if (problems.length > 0) throw withoutStack(() => new ValidationError(problems))
  RequestInput.of(ctx).declared = declared
}

const nameTaken = (location: InputLocation, where: string) =>
  new SetupError(
    'BAD_OPTION',
    `${where} declares ${location}, and its rule or defaults have a value of the same name. Rename that value.`,
  )

function checkedSchema(value: unknown, location: InputLocation, where: string): Schema {
  if (isSchema(value)) return value
  throw new SetupError(
    'BAD_OPTION',
    `${where}: the option ${location} must be a schema of a library that implements Standard Schema, such as zod, valibot ` +
      `or arktype, not ${describe(value)}.`,
  )
}
