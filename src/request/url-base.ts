import { localHostOf } from '../connection/host'
import type { Context } from '../types'
import type { AppContext } from './app-context'
import type { RequestContext } from './request-context'

/** What a URL of `urlFor` begins with; one that is not external has no protocol and host. */
export interface UrlBase {
  readonly protocol: string
  readonly host: string
  readonly path: string
}

/**
 * The base of URLs in a context. For a request without a usable host, an external URL has that of the option `baseUrl` or,
 * without the option, the address that the request came to.
 */
export function urlBase(context: AppContext, external: boolean): UrlBase {
  const { ctx, runtime } = context
  const requested = ctx === undefined ? undefined : ofRequest(context as RequestContext, external)
  if (requested !== undefined && (!external || requested.host !== '')) return requested
  if (runtime.baseUrl !== undefined) return ofUrl(runtime.baseUrl)
  if (requested === undefined) {
    throw new Error("urlFor() outside of a request needs the application's URL: set the option baseUrl.")
  }
  const host = localHostOf((ctx as Context).req)
  if (host !== '') return { ...requested, host }
  throw new Error('urlFor(): the request names no host, so an absolute URL needs the option baseUrl.')
}

function ofRequest({ ctx, runtime, mountPath }: RequestContext, external: boolean): UrlBase {
  const { protocol } = ctx
  return { protocol, host: external && runtime.acceptsHost(ctx) ? ctx.host : '', path: mountPath }
}

function ofUrl(baseUrl: string): UrlBase {
  const { protocol, host, pathname } = new URL(baseUrl)
  return { protocol: protocol.slice(0, -1), host, path: pathname.replace(/\/$/, '') }
}
