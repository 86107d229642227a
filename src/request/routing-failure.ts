import { ThrownResponse } from '../errors/http-error'
import { httpErrorWithoutStack, withoutStack } from '../errors/without-stack'
import type { HttpError } from '../types'
import type { Match } from '../routing/router'

/** The request's host is malformed, or not in the option `trustedHosts`. */
export interface BadHost {
  readonly kind: 'badHost'
}

type RoutingFailure = Exclude<Match<unknown>, { kind: 'found' | 'redirect' }> | BadHost

const BAD_HOST_TEXT = 'The Host is malformed, or not one of this application.'

/**
 * The HTTP error for a URL without a route, if no later middleware answers it [4.4].
 *
 * @param isSeen whether any code of the application's may see it
 */
export function routingFailure(failure: RoutingFailure, isSeen: boolean): Error {
  if (failure.kind === 'notFound' && !isSeen) return UNSEEN
  if (failure.kind === 'notAllowed') {
    return unrouted(Object.assign(httpErrorWithoutStack(405), { headers: { Allow: failure.allow.join(', ') } }))
  }
  if (failure.kind === 'notFound') return notFound()
  if (failure.kind === 'badHost') return httpErrorWithoutStack(400, BAD_HOST_TEXT)
  return httpErrorWithoutStack(400, 'The URL has percent-encoding that is not UTF-8.')
}

/** A redirect of the router's own, which no error handler sees [4.5, 4.7]. */
export const routingRedirect = (path: string, respond: () => unknown): ThrownResponse =>
  withoutStack(() => new ThrownResponse(`redirect to ${path}`, respond))

/** What its `new` returns is the error, which then has the private fields of a subclass. */
const Itself = function (error: HttpError) {
  return error
} as unknown as new (error: HttpError) => object

/**
 * Marks an error: a user's error may have the same status. A private field, because a WeakSet costs the garbage collector as
 * much as the rest of such a request.
 */
class Unrouted extends Itself {
  readonly #mark = true

  static is(error: Error): boolean {
    return #mark in error && error.#mark
  }
}

const unrouted = (error: HttpError): HttpError => new Unrouted(error) as unknown as HttpError

const notFound = () => unrouted(httpErrorWithoutStack(404))

/**
 * One error for all requests whose applications do not see it: making it costs a sixth of such a request. Frozen, because what one
 * request wrote to it would be in the answers of all others.
 */
const UNSEEN = Object.freeze(notFound())

/** An error as code of the application's may see it after all: an error of the request's own in the place of the shared one. */
export const ownFailure = (error: Error): Error => (error === UNSEEN ? notFound() : error)

/** Whether an error means that no rule of the lifecycle is for this request, so that other middleware may answer it. */
export const isUnrouted = (error: Error): error is HttpError => Unrouted.is(error)
