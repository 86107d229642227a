import type { Components } from './components'
import { docOf } from './doc'
import { defined, type Json } from './json'
import { parametersOf } from './parameters'
import { requestBodyOf } from './request-body'
import { responsesOf } from './responses'
import type { DocumentedRoute } from './route'
import { securityOf } from './security'

/** One operation of the document, without its `operationId`. */
export function operationOf(route: DocumentedRoute, components: Components): Json {
  const { blueprint } = route.target
  const { tags, summary, description, deprecated } = docOf(route)
  const parameters = parametersOf(route, components)
  return defined({
    tags: tags ?? (blueprint === '' ? undefined : [blueprint]),
    summary,
    description,
    deprecated,
    parameters: parameters.length > 0 ? parameters : undefined,
    requestBody: requestBodyOf(route, components),
    responses: responsesOf(route, components),
    security: securityOf(route),
  })
}
