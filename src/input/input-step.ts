import { describe, toError } from '../errors/describe'
import { SetupError } from '../errors/setup-error'
import { ValidationError, type InputLocation, type InputProblem } from '../errors/validation-error'
import type { JsonSchemas } from '../schema/json-schema'
import { isSchema, pointerOf, type Schema, type SchemaResult } from '../schema/standard-schema'
import { validate } from '../schema/validate'
import type { Context } from '../types'
import { isThenable } from '../util/thenable'
import { assertNoCoercion } from './assert-no-coercion'
import { cookiesOf } from './cookies'
import { kindsOf } from './kinds'
import { refuse } from './refuse'
import { RequestInput } from './request-input'
import { coerce, collect, type Texts } from './texts'

/** In the order in which their problems are listed. */
const LOCATIONS = ['query', 'headers', 'cookies', 'form', 'body'] as const satisfies readonly InputLocation[]

/** The schemas of a route, as its options have them. */
export type DeclaredInput = Readonly<Partial<Record<InputLocation, unknown>>>

type Checked = SchemaResult<unknown> | Promise<SchemaResult<unknown>>

/** One location that a route declares. */
interface Part {
  readonly location: InputLocation
  /** Reads what the location has, and checks it. */
  readonly check: (ctx: Context) => Checked
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
  const parts = LOCATIONS.flatMap(location => {
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
  return parts.length === 0 ? undefined : ctx => readInput(ctx, parts)
}

function partOf(location: InputLocation, schema: Schema, schemas: JsonSchemas, where: string): Part {
  if (location === 'body') {
    const checkDocument = (document: unknown) => check(schema, document)
    return { location, check: ctx => RequestInput.of(ctx).json(checkDocument) }
  }
  const json = schemas.of(schema, 'input')
  if (json === undefined) assertNoCoercion(schema, `${where}: the option ${location}`)
  const kinds = kindsOf(json ?? {})
  const read = SOURCES[location]
  const checkTexts = (texts: Texts) => check(schema, coerce(texts, kinds))
  return {
    location,
    check: ctx => {
      const texts = read(ctx)
      return texts instanceof Promise ? texts.then(checkTexts) : checkTexts(texts)
    },
  }
}

const SOURCES: Readonly<Record<Exclude<InputLocation, 'body'>, (ctx: Context) => Texts | Promise<Texts>>> = {
  query: ctx => collect(new URLSearchParams(ctx.querystring)),
  headers: ctx => ctx.req.headers,
  cookies: ctx => cookiesOf(ctx.req.headers.cookie),
  form: ctx => RequestInput.of(ctx).form().then(collect),
}

/** Waits only if something must be waited for. */
function readInput(ctx: Context, parts: readonly Part[]): unknown {
  const results = parts.map(part => checkPart(ctx, part))
  if (!results.some(isThenable)) return take(ctx, parts, results as SchemaResult<unknown>[])
  // With AsyncLocalStorage each promise costs as much as a before method, and most often there is only the body.
  const takeAll = (all: readonly SchemaResult<unknown>[]) => {
    take(ctx, parts, all)
  }
  const [only] = results
  return results.length === 1
    ? Promise.resolve(only as Checked).then(one => takeAll([one]))
    : Promise.all(results.map(each => Promise.resolve(each))).then(takeAll)
}

/** An error is a rejection, so that those of other locations, which are still being checked, are not left unhandled. */
function checkPart(ctx: Context, part: Part): Checked {
  try {
    return part.check(ctx)
  } catch (error) {
    return Promise.reject(toError(error))
  }
}

function check(schema: Schema, value: unknown): Checked {
  try {
    const result = validate(schema, value)
    return isThenable(result) ? result.catch(refuseDepth) : result
  } catch (error) {
    return refuseDepth(error)
  }
}

/** @throws HttpError 400 for a document whose depth is more than a recursive schema can follow, else the error itself */
function refuseDepth(error: unknown): never {
  if (error instanceof RangeError) refuse(400, 'the body is nested too deeply')
  throw error
}

/** Keeps the values for the view. @throws ValidationError with the problems of all locations */
function take(ctx: Context, parts: readonly Part[], results: readonly SchemaResult<unknown>[]): void {
  const declared: Record<string, unknown> = {}
  const problems: InputProblem[] = []
  for (const [index, { location }] of parts.entries()) {
    const result = results[index] as SchemaResult<unknown>
    if (result.issues === undefined) declared[location] = result.value
    else
      for (const issue of result.issues)
        problems.push({ in: location, pointer: pointerOf(issue), detail: issue.message })
  }
  if (problems.length > 0) throw new ValidationError(problems)
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
