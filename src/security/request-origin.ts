import { hasOwnHost } from '../connection/host'
import type { Context } from '../types'

/**
 * Whether a browser says that a page of another site sends the request. `Sec-Fetch-Site` comes first: no page can write it, and
 * it is right behind proxies. Without it the host of `Origin`, or else of `Referer`, counts.
 *
 * @param trusted origins whose pages may send the request nevertheless, like `https://login.example.com`
 */
export function isFromOtherSite(ctx: Context, trusted: ReadonlySet<string>): boolean {
  const { 'sec-fetch-site': site, origin, referer } = ctx.headers
  if (origin !== undefined && trusted.has(origin)) return false
  if (typeof site === 'string') return site !== 'same-origin' && site !== 'none'
  const source = origin ?? referer
  return source !== undefined && !hasOwnHost(source, ctx)
}
