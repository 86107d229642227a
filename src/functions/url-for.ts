import { checkOptions, TEXT, TRUE_OR_FALSE, type OptionKind } from '../errors/check-options'
import { describe } from '../errors/describe'
import { currentAppContext } from '../request/current'
import type { UrlBuildErrorMethod } from '../plan/controller'
import type { RequestContext } from '../request/request-context'
import { urlBase } from '../request/url-base'
import { BuildError, buildUrl } from '../routing/url'
import { isRecord } from '../util/is-record'
import { sync } from '../util/thenable'
import type { UrlOptions } from '../types'

const URL_FOR_IS_SYNC =
  'urlFor() cannot wait. Compute what the method needs beforehand, for instance in a before method, and keep it in g.'

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
  checkArguments(endpoint, values, options)
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

const OPTIONS: Readonly<Record<keyof UrlOptions, OptionKind>> = {
  external: TRUE_OR_FALSE,
  scheme: {
    expected: 'a scheme without a colon, for instance https',
    fits: value => typeof value === 'string' && /^[a-z][a-z\d+.-]*$/i.test(value),
  },
  anchor: TEXT,
  method: TEXT,
}

/** Throws a TypeError for arguments that would give another URL than the one that was meant. */
function checkArguments(endpoint: unknown, values: unknown, options: UrlOptions): void {
  if (typeof endpoint !== 'string')
    throw new TypeError(`urlFor: the endpoint must be a text, not ${describe(endpoint)}`)
  const where = `urlFor('${endpoint}')`
  if (!isRecord(values)) throw new TypeError(`${where}: the values must be an object, not ${describe(values)}`)
  checkOptions(options, OPTIONS, where)
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
