import { current } from './context'
import { buildUrl } from './routing/url'

export interface UrlOptions {
  /** With scheme and host, as the client sent them. Default: whether `scheme` is given. */
  external?: boolean
  /** `https`, for instance. Default: the request's. */
  scheme?: string
  /** What stands behind the `#`. */
  anchor?: string
  /** Only rules for this HTTP method. */
  method?: string
}

/**
 * The URL of an endpoint: `urlFor('Users.show', { id: 5 })` is `/users/5`. In a blueprint `.show` is its own `show`.
 *
 * @param values the variables of the rule; all others become the query
 * @throws BuildError when the endpoint is unknown or no rule of it fits; an Error outside of a request
 */
export function urlFor(
  endpoint: string,
  values: Readonly<Record<string, unknown>> = {},
  options: UrlOptions = {},
): string {
  const { ctx, route, lifecycle } = current('urlFor()')
  const { endpoints } = lifecycle.plan
  const blueprint = route?.blueprint ?? ''
  const name = endpoint.startsWith('.') ? (blueprint === '' ? endpoint.slice(1) : blueprint + endpoint) : endpoint
  const entries = endpoints.get(name)
  const filled = { ...values }
  for (const urlDefault of entries?.[0]?.target.urlDefaults ?? []) urlDefault(name, filled)
  const { anchor, method, scheme, external = scheme !== undefined } = options
  // koa-mount takes its prefix off the path and keeps it here.
  const mountPath = typeof ctx.mountPath === 'string' ? ctx.mountPath : ''
  const url = mountPath + buildUrl(name, entries, filled, { anchor, method, known: endpoints.keys() })
  return external ? `${scheme ?? ctx.protocol}://${ctx.host}${url}` : url
}
