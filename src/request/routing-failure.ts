import createError from 'http-errors'
import type { Match } from '../routing/router'

type Failure = Exclude<Match<unknown>, { kind: 'found' | 'redirect' }>

/** What a URL without a route ends with, if nobody else answers it (docs/rules.md 4.4). */
export function routingFailure(failure: Failure): Error {
  if (failure.kind === 'notAllowed') return createError(405, { headers: { Allow: failure.allow.join(', ') } })
  if (failure.kind === 'notFound') return createError(404)
  return createError(400, 'The URL has percent-encoding that is not UTF-8.')
}
