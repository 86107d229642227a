import type { DeclaredRoute } from '../decorators/route-options'
import { inputStatusesOf } from '../errors/input-statuses'
import { responsesByStatus } from '../schema/responses-by-status'
import type { Answer } from './answer-types'
import { ConnectionError, UnexpectedResponse } from './errors'
import type { Outgoing } from './request'

/** The statuses that a route may answer. */
export interface DeclaredStatuses {
  has(status: number): boolean
  /** Whether responses of this status have no body. */
  isEmpty(status: number): boolean
}

export function statusesOf(options: DeclaredRoute): DeclaredStatuses {
  const { response } = options
  const declared = responsesByStatus(response)
  // The statuses of input as in the type `ProblemStatus`.
  const statuses = new Set([...Object.keys(declared).map(Number), ...inputStatusesOf(options)])
  // Without `response` any success is expected; of a route that declares only errors, the 200 of its view.
  if (response !== undefined && !Object.keys(declared).some(status => status.startsWith('2'))) statuses.add(200)
  return {
    has: status => statuses.has(status) || (response === undefined && status >= 200 && status < 300),
    isEmpty: status => declared[status] === null,
  }
}

/**
 * Reads a response.
 *
 * @throws UnexpectedResponse for one that the route does not declare
 */
export async function answerOf(
  response: Response,
  statuses: DeclaredStatuses,
  url: string,
  { method, signal }: Outgoing,
): Promise<Answer<number, unknown>> {
  const { status, headers } = response
  const fail = (body: unknown, problem: string, cause?: unknown): never => {
    throw new UnexpectedResponse({ method, url, response, body }, problem, { cause })
  }
  const read = await bytesOf(response).catch((cause: unknown) => {
    signal?.throwIfAborted()
    throw new ConnectionError(method, url, cause)
  })
  const isEmpty = method === 'HEAD' || statuses.isEmpty(status) || EMPTY.has(status)
  const body = isEmpty
    ? undefined
    : parsed(read, (text, cause) => fail(text, ', whose body is not the JSON that it says', cause))
  if (!statuses.has(status)) fail(body, ', which the route does not declare')
  return { status, body, headers, response }
}

/** The statuses whose responses never have a body. */
const EMPTY = new Set([204, 205, 304])
const JSON_TYPE = /^[^;]*[/+]json\s*(?:;|$)/i
const TEXT_TYPE = /^(?:text\/|[^;]*[/+](?:xml|javascript|x-www-form-urlencoded)\s*(?:;|$))/i

/** JSON and other texts are a text. */
async function bytesOf(response: Response): Promise<{ readonly type: string; readonly content: string | Blob }> {
  const type = response.headers.get('content-type') ?? ''
  return { type, content: await (JSON_TYPE.test(type) || TEXT_TYPE.test(type) ? response.text() : response.blob()) }
}

function parsed(
  { type, content }: { readonly type: string; readonly content: string | Blob },
  fail: (text: string, cause: unknown) => never,
): unknown {
  if (typeof content !== 'string') return content.size === 0 && type === '' ? undefined : content
  if (!JSON_TYPE.test(type)) return content
  try {
    return JSON.parse(content)
  } catch (cause) {
    return fail(content, cause)
  }
}
