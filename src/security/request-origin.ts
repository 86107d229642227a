import type { Context } from '../types'

/**
 * Whether a browser says that a page of another site sends the request. `Sec-Fetch-Site` comes first: no page can write it, and
 * it is right behind proxies. Without it the host of `Origin`, or else of `Referer`, counts. The protocol does not, because a proxy
 * may have taken it away.
 *
 * @param trusted origins whose pages may send the request nevertheless, like `https://login.example.com`
 */
export function isFromOtherSite(ctx: Context, trusted: ReadonlySet<string>): boolean {
  const { 'sec-fetch-site': site, origin, referer } = ctx.headers
  if (origin !== undefined && trusted.has(origin)) return false
  if (typeof site === 'string') return site !== 'same-origin' && site !== 'none'
  const source = origin ?? referer
  return source !== undefined && hostOf(source) !== ctx.host.toLowerCase()
}

/** The host and port of an absolute URL; `undefined` for `null`, which is the origin of a page that must not be known. */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined
}
