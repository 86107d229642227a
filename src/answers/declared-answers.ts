import { describe } from '../errors/describe'
import { ResponseMismatch, type ResponseProblem } from '../errors/response-mismatch'
import { SetupError } from '../errors/setup-error'
import type { DeclaredAnswers } from '../lifecycle/exchange'
import type { JsonSchemas } from '../schema/json-schema'
import { isSchema, pointerOf, type Schema, type SchemaResult } from '../schema/standard-schema'
import { validate } from '../schema/validate'
import { isRecord } from '../util/is-record'
import { isThenable } from '../util/thenable'
import { Pruning } from './pruning'

/** What happens to a response that does not fit what its route declares. */
export type ResponseMismatchMode = 'error' | 'log'

export interface AnswerSettings {
  /** The view, for instance `Users.create`. */
  readonly name: string
  /** The same with its decorator, for errors at start: `Users.create: @Post`. */
  readonly where: string
  readonly schemas: JsonSchemas
  readonly mode?: ResponseMismatchMode | undefined
}

/** In the place of a value: a response without a body. */
export const NO_BODY = Symbol('flaskoa:no body')

/** Their objects have only what is declared, or what was explicitly allowed besides. */
const LEAVING_OUT: readonly string[] = ['zod', 'valibot']

type Report = (error: Error) => void
type Check = (value: unknown, report: Report) => unknown

/** The answers that the option `response` of a route declares, by status. */
export class AnswersByStatus implements DeclaredAnswers {
  readonly ownStatus: number
  readonly #checks = new Map<number, Check>()
  readonly #withoutBody = new Set<number>()

  readonly #settings: AnswerSettings

  /** @throws SetupError for anything else than schemas by status */
  constructor(response: unknown, settings: AnswerSettings) {
    this.#settings = settings
    for (const [status, declared] of entriesOf(response, settings.where)) {
      this.#checks.set(status, this.#checkOf(status, declared))
      if (declared === null) this.#withoutBody.add(status)
    }
    // A route that declares errors alone says nothing of what its view returns.
    if (![...this.#checks.keys()].some(isSuccess)) this.#checks.set(200, value => value)
    // Keys that are numbers are in ascending order.
    this.ownStatus = [...this.#checks.keys()].find(isSuccess) as number
  }

  get method(): string {
    return this.#settings.name
  }

  declares(status: number): boolean {
    return this.#checks.has(status)
  }

  hasBody(status: number): boolean {
    return !this.#withoutBody.has(status)
  }

  check(status: number, value: unknown, report: Report): unknown {
    const check = this.#checks.get(status)
    if (check !== undefined) return check(value, report)
    const declared = [...this.#checks.keys()].join(', ')
    throw this.#mismatch(status, [{ pointer: '#', detail: `its status is not among those declared: ${declared}` }])
  }

  #checkOf(status: number, declared: unknown): Check {
    if (typeof declared === 'string') return value => value
    if (declared === null) return value => this.#nothing(status, value)
    if (isSchema(declared)) return this.#checkBySchema(status, declared)
    throw new SetupError(
      'BAD_OPTION',
      `${this.#settings.where}: the option response has ${describe(declared)} for ${status}. It must be a schema of a library that ` +
        'implements Standard Schema, null for a response without a body, or a text that describes it.',
    )
  }

  /** An empty text is how views answer without a body. */
  #nothing(status: number, value: unknown): typeof NO_BODY {
    if (value === undefined || value === null || value === '') return NO_BODY
    throw this.#mismatch(status, [{ pointer: '#', detail: `it has no body, but the view gave ${describe(value)}` }])
  }

  #checkBySchema(status: number, schema: Schema): Check {
    const { schemas, mode, where } = this.#settings
    const json = schemas.of(schema, 'output')
    const pruning =
      json === undefined || LEAVING_OUT.includes(schema['~standard'].vendor) ? undefined : new Pruning(json)
    const fallback = mode === 'log' ? pruningWithoutCheck(json && new Pruning(json, false), status, where) : undefined
    const take = (result: SchemaResult<unknown>, value: unknown, report: Report) => {
      if (result.issues === undefined) return pruning === undefined ? result.value : pruning.prune(result.value)
      const problems = result.issues.map(issue => ({ pointer: pointerOf(issue), detail: issue.message }))
      const mismatch = this.#mismatch(status, problems)
      if (fallback?.admits(value) !== true) throw mismatch
      report(mismatch)
      return fallback.prune(value)
    }
    return (value, report) => {
      const result = validate(schema, value)
      if (!isThenable(result)) return take(result, value, report)
      return Promise.resolve(result).then(settled => take(settled, value, report))
    }
  }

  #mismatch(status: number, problems: readonly ResponseProblem[]): ResponseMismatch {
    return new ResponseMismatch(this.method, status, problems)
  }
}

const isSuccess = (status: number) => status >= 200 && status < 300

/** One schema is that of the status 200. */
function entriesOf(response: unknown, where: string): (readonly [number, unknown])[] {
  if (isSchema(response)) return [[200, response]]
  const entries = isRecord(response) ? Object.entries(response) : []
  if (entries.length === 0) {
    throw new SetupError(
      'BAD_OPTION',
      `${where}: the option response must be a schema, or an object with schemas by status, { 201: User }, not ` +
        `${isRecord(response) ? 'an object without any' : describe(response)}.`,
    )
  }
  return entries.map(([key, declared]) => {
    if (/^[1-5]\d\d$/.test(key)) return [Number(key), declared]
    throw new SetupError(
      'BAD_OPTION',
      `${where}: the option response has the key '${key}', which is not a status from 100 to 599.`,
    )
  })
}

/** What is sent for a value that does not fit has only declared fields, so that something must say which these are. */
function pruningWithoutCheck(pruning: Pruning | undefined, status: number, where: string): Pruning {
  if (pruning?.isOpen === false) return pruning
  throw new SetupError(
    'BAD_OPTION',
    `${where}: the schema for ${status} has no JSON Schema that says which fields a response has, so that ` +
      "responseMismatch: 'log' cannot send one that does not fit. Pass a function that makes one to bootstrap, " +
      '{ toJsonSchema }, or leave responseMismatch out.',
  )
}
