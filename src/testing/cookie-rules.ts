import { isIP } from 'node:net'
import { parse, type Cookie } from 'set-cookie-parser'
import type { TestCookie } from './cookie-jar'

// What browsers do with a response's cookies, as RFC 6265 has it. SameSite is left out: a client has no other sites.

/** A cookie needs a name: text before the first `=`. */
const NAMED = /^[^;=]+=/

/** The cookie of a `Set-Cookie` field; undefined for one that a browser would refuse. */
export function cookieFrom(setCookie: string, url: URL): TestCookie | undefined {
  // The parser throws at a field without a name, and does not remove these spaces.
  const field = setCookie.trim().replace(/\s*;\s*/g, ';')
  const [parsed] = NAMED.test(field) ? parse(field, { decodeValues: false }) : []
  return parsed !== undefined && keepsPrefix(parsed) ? accepted(parsed, url) : undefined
}

/** Some names promise that no other host, and no unencrypted connection, has set the cookie. */
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

export function isOver({ expires }: TestCookie): boolean {
  return expires !== undefined && expires.getTime() <= Date.now()
}

export function isSentTo({ domain, path, secure }: TestCookie, url: URL): boolean {
  const folder = path.endsWith('/') ? path : `${path}/`
  return (
    matchesDomain(url.hostname, domain) &&
    (url.pathname === path || url.pathname.startsWith(folder)) &&
    (!secure || isSecure(url))
  )
}

/** With a dot in front a domain is that of its subdomains too. */
const matchesDomain = (host: string, domain: string) =>
  domain.startsWith('.') ? `.${host}`.endsWith(domain) : host === domain

/** Which hosts get the cookie that `host` sets; undefined if the `Domain` attribute names a host that is not its own. */
function domainOf(attribute: string, host: string): string | undefined {
  const domain = attribute.trim().replace(/^\./, '').toLowerCase()
  // An IP address has no subdomains, and those of a top-level domain belong to others.
  const isAlone = isIP(host) !== 0 || !domain.includes('.')
  if (domain === '' || (isAlone && domain === host)) return host
  return !isAlone && matchesDomain(host, `.${domain}`) ? `.${domain}` : undefined
}

const defaultPath = ({ pathname }: URL) => pathname.slice(0, pathname.lastIndexOf('/')) || '/'

/** Browsers trust this machine as they trust https. */
const isSecure = ({ protocol, hostname }: URL) =>
  protocol === 'https:' || /(^|\.)localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname)

/** When a cookie ends: `Max-Age` wins. A date that cannot be read, or that is later than all dates, is no end. */
function endOf({ maxAge, expires }: Cookie): Date | undefined {
  const end = maxAge === undefined ? expires : new Date(maxAge > 0 ? Date.now() + maxAge * 1000 : 0)
  return Number.isNaN(end?.getTime()) ? undefined : end
}
