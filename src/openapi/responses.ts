import createError from 'http-errors'
import statuses from 'statuses'
import type { ResponseSchemas } from '../decorators/route-options'
import { inputStatusesOf } from '../errors/input-statuses'
import { ValidationError } from '../errors/validation-error'
import { findErrorHandler } from '../lifecycle/error-handlers'
import { responsesByStatus } from '../schema/responses-by-status'
import { isSchema, type Schema } from '../schema/standard-schema'
import { isRecord } from '../util/is-record'
import type { Components } from './components'
import { pascalCase, type Json } from './json'
import { PROBLEM, PROBLEM_TYPE } from './problem'
import type { DocumentedRoute } from './route'

/** The errors that reading the input of a route may have, with their descriptions. */
const INPUT_ERRORS: Readonly<Record<number, { readonly error: Error; readonly text: string }>> = {
  400: { error: createError(400), text: 'The request cannot be read.' },
  413: { error: createError(413), text: 'The body is too large.' },
  415: { error: createError(415), text: 'The body is of another type.' },
  422: { error: new ValidationError([]), text: 'The input does not fit.' },
}

/** What is declared for one status, by the route or by a before method, with a name for schemas that have none. */
interface DeclaredResponse {
  readonly schema: Schema | string | null
  readonly place: string
}

/** The responses of an operation by status: what the route and its before methods declare, and the errors of its input. */
export function responsesOf(route: DocumentedRoute, components: Components): Json {
  const declared = declaredResponses(route)
  const responses: Record<string, Json | undefined> = {}
  for (const [status, each] of declared) responses[status] = responseOf(Number(status), each, route, components)
  if (route.declared.response === undefined) {
    responses.default = { description: 'What the view answers; it is not declared.' }
  } else if (!Object.keys(responsesByStatus(route.declared.response)).some(status => /^(?:101$|[23])/.test(status))) {
    responses[200] ??= { description: 'OK' }
  }
  const possible = inputStatusesOf(route.declared)
  for (const [status, { error, text }] of Object.entries(INPUT_ERRORS)) {
    if (!possible.includes(Number(status))) continue
    const problem = errorContent(error, route, components)
    responses[status] = withProblem(responses[status] ?? { description: text, content: {} }, problem.content)
  }
  return responses
}

/** A schema of such an error is for what the view returns; what is wrong with the input is a problem all the same. */
function withProblem(declared: Json, problem: unknown): Json {
  const { content, ...others } = declared
  if (content === undefined) return declared // described without a body
  // What is declared comes first, and counts.
  const both = { ...(content as Json), ...(problem as Json | undefined), ...(content as Json) }
  return Object.keys(both).length === 0 ? others : { ...others, content: both }
}

function declaredResponses({ declared, target }: DocumentedRoute): ReadonlyMap<string, DeclaredResponse[]> {
  const all = new Map<string, DeclaredResponse[]>()
  const add = (name: string, response: ResponseSchemas) => {
    for (const [status, schema] of Object.entries(response)) {
      all.set(status, [...(all.get(status) ?? []), { schema, place: pascalCase(`${name} ${status}`) }])
    }
  }
  add(target.endpoint, responsesByStatus(declared.response))
  for (const { name, options } of target.guards) add(name, options.response ?? {})
  return all
}

function responseOf(
  status: number,
  declared: readonly DeclaredResponse[],
  route: DocumentedRoute,
  components: Components,
): Json {
  const { schemas } = route
  const description = declared.map(({ schema }) => schema).find(schema => typeof schema === 'string')
  const content: Record<string, Json> = {}
  const used = new Set<Schema>()
  for (const { schema, place } of declared) {
    if (!isSchema(schema) || used.has(schema)) continue
    used.add(schema)
    const reference = components.use(schema, 'output', schemas, place)
    const type = typeOf(reference.definition.body)
    const others = content[type]?.schema
    content[type] = { schema: others === undefined ? reference : either(others, reference) }
  }
  // An error that is only described is thrown.
  const isThrown = status >= 400 && description !== undefined && used.size === 0
  return {
    description: description ?? statuses.message[status] ?? 'Response',
    ...(used.size > 0 && { content }),
    ...(isThrown && errorContent(createError(status), route, components)),
  }
}

const either = (others: unknown, other: unknown): Json =>
  isRecord(others) && Array.isArray(others.anyOf)
    ? { anyOf: [...(others.anyOf as unknown[]), other] }
    : { anyOf: [others, other] }

/** A text is sent as HTML, everything else as JSON. */
const typeOf = ({ type }: Json): string => (type === 'string' ? 'text/html' : 'application/json')

/** The default answer of an error; nothing if a handler of the user answers it. */
function errorContent(error: Error, { target }: DocumentedRoute, components: Components): Json {
  if (findErrorHandler(target.pipeline.errorHandlers, error) !== undefined) return {}
  if (!target.usesProblemDetails) return { content: { 'text/html': { schema: { type: 'string' } } } }
  return { content: { [PROBLEM_TYPE]: { schema: components.own('Problem', PROBLEM) } } }
}
