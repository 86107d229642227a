import { current } from './context'
import { buildUrl } from './routing/url'
import { isThenable } from './thenable'
import type { Context } from './types'

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
 * @throws BuildError when the endpoint is unknown or no rule of it fits; a TypeError for a scheme where
 *   `external` is false; an Error outside of a request
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
  for (const urlDefault of entries?.[0]?.target.urlDefaults ?? [])
    refuseAsync(urlDefault(name, filled), urlDefault.name)
  const { anchor, method, scheme, external = scheme !== undefined } = options
  if (scheme !== undefined && !external)
    throw new TypeError(`urlFor('${endpoint}'): only an absolute URL has a scheme. Leave out external: false.`)
  const url = mountPathOf(ctx) + buildUrl(name, entries, filled, { anchor, method, known: endpoints.keys() })
  return external ? `${scheme ?? ctx.protocol}://${ctx.host}${url}` : url
}

/** What koa-mount has taken off the path. */
export const mountPathOf = (ctx: Context): string => (typeof ctx.mountPath === 'string' ? ctx.mountPath : '')

function refuseAsync(result: unknown, name: string): void {
  if (!isThenable(result)) return
  result.then(undefined, () => undefined) // else its failure would end the process
  throw new TypeError(
    `${name} is asynchronous: urlFor() cannot wait for it. Have what it needs ready, for instance in g.`,
  )
}
