import { isIP } from 'node:net'
import { parse, type Cookie } from 'set-cookie-parser'
import type { TestCookie } from './cookie'

// How browsers handle the cookies of a response (RFC 6265). SameSite is ignored, since it concerns requests from other
// sites.

/** A cookie needs a name: text before the first `=`. */
const NAMED = /^[^;=]+=/

/** The cookie of a `Set-Cookie` field; undefined for one that a browser would refuse. */
export function cookieFrom(setCookie: string, url: URL): TestCookie | undefined {
  // The parser throws for a field without a name, and does not remove these spaces.
  const field = setCookie.trim().replace(/\s*;\s*/g, ';')
  const [parsed] = NAMED.test(field) ? parse(field, { decodeValues: false }) : []
  return parsed !== undefined && keepsPrefix(parsed) ? accepted(parsed, url) : undefined
}

/** The prefixes `__Secure-` and `__Host-` promise how a cookie was set. Browsers refuse one that breaks the promise. */
function keepsPrefix({ name, secure = false, domain = '', path = '' }: Cookie): boolean {
  if (name.startsWith('__Host-')) return secure && domain === '' && path.trim() === '/'
  return secure || !name.startsWith('__Secure-')
}

function accepted(parsed: Cookie, url: URL): TestCookie | undefined {
  const { secure = false, httpOnly = false, sameSite } = parsed
  const domain = domainOf(parsed.domain ?? '', url.hostname)
  if (domain === undefined || (secure && !isSecure(url))) return undefined
  const attribute = parsed.path?.trim() ?? ''
  const path = attribute.startsWith('/') ? attribute : defaultPath(url)
  const [name, value] = [parsed.name.trim(), parsed.value.trim()]
  return { name, value, domain, path, secure, httpOnly, sameSite, expires: endOf(parsed) }
}

/** Whether a cookie has expired. */
export function isOver({ expires }: TestCookie): boolean {
  return expires !== undefined && expires.getTime() <= Date.now()
}

/** Whether a request to this URL sends a cookie. */
export function isSentTo({ domain, path, secure }: TestCookie, url: URL): boolean {
  const folder = path.endsWith('/') ? path : `${path}/`
  return (
    matchesDomain(url.hostname, domain) &&
    (url.pathname === path || url.pathname.startsWith(folder)) &&
    (!secure || isSecure(url))
  )
}

/** A domain with a dot in front includes its subdomains. */
const matchesDomain = (host: string, domain: string) =>
  domain.startsWith('.') ? `.${host}`.endsWith(domain) : host === domain

/** The domain of a cookie that `host` sets with this `Domain` attribute; undefined if it may not set one there. */
function domainOf(attribute: string, host: string): string | undefined {
  const domain = attribute.trim().replace(/^\./, '').toLowerCase()
  // An IP address has no subdomains, and the subdomains of a top-level domain have other owners.
  const isAlone = isIP(host) !== 0 || !domain.includes('.')
  if (domain === '' || (isAlone && domain === host)) return host
  return !isAlone && matchesDomain(host, `.${domain}`) ? `.${domain}` : undefined
}

const defaultPath = ({ pathname }: URL) => pathname.slice(0, pathname.lastIndexOf('/')) || '/'

/** Chrome and Firefox trust connections to their own machine as they trust https; Safari does not. */
const isSecure = ({ protocol, hostname }: URL) =>
  protocol === 'https:' || /(^|\.)localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname)

/** When a cookie expires; `Max-Age` overrides `Expires`. undefined if neither has a valid date. */
function endOf({ maxAge, expires }: Cookie): Date | undefined {
  const end = maxAge === undefined ? expires : new Date(maxAge > 0 ? Date.now() + maxAge * 1000 : 0)
  return Number.isNaN(end?.getTime()) ? undefined : end
}
