import type { Attributes } from '@opentelemetry/api'
import type Koa from 'koa'

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'])

/** The attribute for methods that are in no list: a client may send any, and each value is a time series of its own. */
const OTHER = '_OTHER'

/** The attributes by which all measures of a request are grouped. No text of a client is among them. */
export const commonAttributes = ({ method, protocol }: Koa.Context): Attributes => ({
  'http.request.method': METHODS.has(method) ? method : OTHER,
  'url.scheme': protocol === 'https' ? 'https' : 'http',
})

/** `2`, and not Node's `2.0`. */
export const protocolVersion = ({ req }: Koa.Context): string => req.httpVersion.replace(/^([2-9])\.0$/, '$1')

/** What a span has from its start, so that a sampler knows it. */
export function requestAttributes(ctx: Koa.Context, redact: (query: string) => string): Attributes {
  const { method, ip, originalUrl } = ctx
  const common = commonAttributes(ctx)
  const attributes: Attributes = { ...common, 'network.protocol.version': protocolVersion(ctx) }
  const [path, query] = splitTarget(originalUrl)
  attributes['url.path'] = path
  if (query !== '') attributes['url.query'] = redact(query)
  if (common['http.request.method'] === OTHER) attributes['http.request.method_original'] = method
  if (ip !== '') attributes['client.address'] = ip
  const agent = ctx.get('User-Agent')
  if (agent !== '') attributes['user_agent.original'] = agent
  return Object.assign(attributes, serverAddress(ctx.host, common['url.scheme'] === 'https' ? 443 : 80))
}

/** The path and the query of a request's target, which may be a whole URL. */
function splitTarget(target: string): [path: string, query: string] {
  const relative = target.replace(/^[a-z][\w+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/s, '')
  const start = relative.indexOf('?')
  return start === -1 ? [relative || '/', ''] : [relative.slice(0, start) || '/', relative.slice(start + 1)]
}

/** The name and port of the server that the client has asked. Nothing if the field is malformed: such a request is a 400. */
function serverAddress(host: string, usualPort: number): Attributes {
  const [, ip, name, port] = /^(?:\[([\da-f:.]+)\]|([^:/?#@\s]+))(?::(\d{1,5}))?$/i.exec(host) ?? []
  const address = ip ?? name
  if (address === undefined) return {}
  return { 'server.address': address, 'server.port': port === undefined ? usualPort : Number(port) }
}

/** `GET /users/<int:id>`, and for a URL without a rule only `GET`. */
export function spanName(method: unknown, route: string | undefined): string {
  const name = method === OTHER ? 'HTTP' : String(method)
  return route === undefined ? name : `${name} ${route}`
}
