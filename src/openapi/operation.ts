import type { OperationOptions, SecurityRequirement } from '../decorators/route-options'
import { isRecord } from '../util/is-record'
import type { Components } from './components'
import { defined, type Json } from './json'
import { parametersOf } from './parameters'
import { requestBodyOf } from './request-body'
import { responsesOf } from './responses'
import type { DocumentedRoute } from './route'

/** One operation of the document, without its `operationId`. */
export function operationOf(route: DocumentedRoute, components: Components): Json {
  const { blueprint } = route.target
  const { tags, summary, description, deprecated, ...more } = docOf(route)
  const { operationId: _, security = securityOf(route), examples: __, ...extensions } = more
  const parameters = parametersOf(route, components)
  return defined({
    tags: tags ?? (blueprint === '' ? undefined : [blueprint]),
    summary,
    description,
    deprecated,
    parameters: parameters.length > 0 ? parameters : undefined,
    requestBody: requestBodyOf(route, components),
    responses: responsesOf(route, components),
    security,
    ...extensions,
  })
}

/** The option `doc`, if it is not `false`. */
export const docOf = ({ declared: { doc } }: DocumentedRoute): OperationOptions => (isRecord(doc) ? doc : {})

/** What all before methods of a route need together; `undefined` if they say nothing. */
function securityOf({ target: { guards } }: DocumentedRoute): SecurityRequirement[] | undefined {
  const needed = new Map<string, Set<string>>()
  for (const [scheme, scopes] of guards.flatMap(({ options }) => Object.entries(options.security ?? {}))) {
    needed.set(scheme, new Set([...(needed.get(scheme) ?? []), ...scopes]))
  }
  if (needed.size === 0) return undefined
  return [Object.fromEntries([...needed].map(([scheme, scopes]) => [scheme, [...scopes]]))]
}
