import type { IncomingMessage } from 'node:http'
import type Koa from 'koa'

/** A name or an address with an optional port. May be empty: a client without a name for the server sends an empty field. */
const VALID_HOST = /^(?:\[[\da-f:.]+\]|[^\s/?#@\\:"<>[\]^`{|}]*)(?::\d*)?$/i

/** The last valid host, to skip the regular expression: each request is checked, and most servers have one name. */
let lastValidHost = ''

/**
 * Whether there is at most one `Host`, and a valid one (RFC 9112, 3.2). A proxy may have used the other of two. The same for
 * what Koa takes for the host instead: HTTP/2's `:authority` and, with `proxy: true`, `X-Forwarded-Host`.
 */
export function isHostAcceptable(ctx: Koa.Context): boolean {
  const { req } = ctx
  const { rawHeaders } = req
  let host: string | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    // The length first: comparing numbers costs less than comparing strings.
    if (name.length !== 4 || (name !== 'Host' && name.toLowerCase() !== 'host')) continue
    if (host !== undefined) return false
    host = rawHeaders[index + 1]
  }
  if (req.httpVersionMajor > 1 && !isAuthorityAcceptable(req, host)) return false
  if (ctx.app.proxy && !isValidHost(firstOf(ctx.get('X-Forwarded-Host')))) return false
  return host === undefined || isValidHost(host)
}

function isValidHost(host: string): boolean {
  if (host === lastValidHost) return true
  if (!VALID_HOST.test(host)) return false
  lastValidHost = host
  return true
}

/** HTTP/2's `:authority` is the host; a `Host` beside it must be the same (RFC 9113, 8.3.1). */
function isAuthorityAcceptable({ headers }: IncomingMessage, host: string | undefined): boolean {
  const authority = headers[':authority'] as string | undefined
  if (authority === undefined) return true
  return isValidHost(authority) && (host === undefined || host.toLowerCase() === authority.toLowerCase())
}

/** Of several proxies, the first has seen the client's `Host`, and Koa reads what it wrote. */
const firstOf = (list: string): string => (list.split(',', 1)[0] as string).trim()

/**
 * The address that a request without a `Host` came to (RFC 9112, 3.3): empty for a connection that has no address or that is
 * closed.
 */
export function localHostOf({ socket: { localAddress, localPort } }: IncomingMessage): string {
  if (localAddress === undefined) return ''
  const address = localAddress.replace(/^::ffff:(?=\d+\.)/, '')
  return `${address.includes(':') ? `[${address}]` : address}:${localPort}`
}

/**
 * Whether a URL, like that of an `Origin` or a `Referer`, has the host and port of the request. The protocol does not count: behind
 * a proxy Koa may not know it. A proxy may write the protocol's own port into `Host`, which a browser leaves out of the URL.
 */
export function hasOwnHost(url: string, { host }: Koa.Context): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, host: wanted } = new URL(url)
  const own = `${protocol}//${host}`
  return wanted !== '' && URL.canParse(own) && new URL(own).host === wanted
}
