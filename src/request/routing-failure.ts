import createError from 'http-errors'
import type { Match } from '../routing/router'

type RoutingFailure = Exclude<Match<unknown>, { kind: 'found' | 'redirect' }>

/** The HTTP error for a URL without a route, if no later middleware answers it [4.4]. */
export function routingFailure(failure: RoutingFailure): Error {
  if (failure.kind === 'notAllowed') return createError(405, { headers: { Allow: failure.allow.join(', ') } })
  if (failure.kind === 'notFound') return createError(404)
  return createError(400, 'The URL has percent-encoding that is not UTF-8.')
}
