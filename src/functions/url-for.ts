import { currentAppContext } from '../request/current'
import type { UrlBuildErrorMethod } from '../plan/controller'
import type { RequestContext } from '../request/request-context'
import { urlBase } from '../request/url-base'
import { BuildError, buildUrl } from '../routing/url'
import { sync } from '../util/thenable'
import type { UrlOptions } from '../types'
import { checkCallOptions, type OptionKind } from './check-call-options'

const URL_FOR_IS_SYNC =
  'urlFor() cannot wait. Compute what the method needs beforehand, for instance in a before method, and keep it in g.'

const TEXT: OptionKind = { expected: 'a text', fits: value => typeof value === 'string' }
const KINDS: Readonly<Record<keyof UrlOptions, OptionKind>> = {
  external: { expected: 'true or false', fits: value => typeof value === 'boolean' },
  scheme: TEXT,
  anchor: TEXT,
  method: TEXT,
}

type UrlForArguments = [endpoint: string, values: Readonly<Record<string, unknown>>, options: UrlOptions]

/**
 * Builds the URL of an endpoint: `urlFor('Users.show', { id: 5 })` is `/users/5`. In a blueprint, `.show` is the
 * blueprint's own `show`. In `withAppContext`, and for a request without a host, absolute URLs start with the option `baseUrl`.
 *
 * @param values the values for the rule's variables; all other values become the query
 * @throws BuildError when the endpoint is unknown or no rule of it takes the values, unless an `@UrlBuildErrorHandler`
 *   returns a URL; a TypeError for a wrong option or a value without a text; an Error outside of a request and of `withAppContext`
 */
export function urlFor(
  endpoint: string,
  values: Readonly<Record<string, unknown>> = {},
  options: UrlOptions = {},
): string {
  const context = currentAppContext('urlFor()')
  checkCallOptions(options, KINDS, 'urlFor')
  const { endpoints, urlBuildErrors } = context.plan
  const { blueprint } = (context as { route?: RequestContext['route'] }).route ?? {}
  const name = absoluteEndpoint(endpoint, blueprint)
  const entries = endpoints.get(name)
  const filled = { ...values }
  for (const urlDefault of entries?.[0]?.target.urlDefaults ?? [])
    sync(urlDefault(name, filled), urlDefault.name, URL_FOR_IS_SYNC)
  const { anchor, method, scheme, external = scheme !== undefined || context.ctx === undefined } = options
  if (scheme !== undefined && !external)
    throw new TypeError(`urlFor('${endpoint}'): only an absolute URL has a scheme. Leave out external: false.`)
  const { protocol, host, path } = urlBase(context, external)
  try {
    const url = path + buildUrl(name, entries, filled, { anchor, method, known: endpoints.keys(), blueprint })
    return external ? `${scheme ?? protocol}://${host}${url}` : url
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    return answered(urlBuildErrors, error, name, filled, options)
  }
}

function absoluteEndpoint(endpoint: string, blueprint = ''): string {
  if (!endpoint.startsWith('.')) return endpoint
  return blueprint === '' ? endpoint.slice(1) : blueprint + endpoint
}

/**
 * The first URL that a handler returns. A BuildError that a handler throws goes to the next one; other errors are
 * thrown.
 */
function answered(handlers: readonly UrlBuildErrorMethod[], error: BuildError, ...given: UrlForArguments): string {
  let latest = error
  for (const handler of handlers) {
    try {
      const url = sync(handler(latest, ...given), handler.name, URL_FOR_IS_SYNC)
      if (typeof url === 'string') return url
    } catch (thrown) {
      if (!(thrown instanceof BuildError)) throw thrown
      latest = thrown
    }
  }
  throw latest
}
