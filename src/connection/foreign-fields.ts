import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * The fields that describe one connection (RFC 9110, 7.6.1; RFC 9113, 8.2.2). They are not true of another one: Node refuses
 * most of them over HTTP/2, and a second length of a body lets a proxy read a response as two.
 */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The fields that a response over HTTP/2 can't have, besides `Connection`, which Node leaves out itself. */
const NOT_IN_HTTP2 = [...OF_CONNECTION].filter(name => name !== 'connection' && name !== 'trailer')

/**
 * The test for the fields of another message: whether a field, by its name, belonged to that message's connection only.
 *
 * @param connection the message's field `Connection`, which names further ones
 */
export function foreignTo(connection: unknown): (name: string) => boolean {
  const named = new Set(typeof connection === 'string' ? connection.toLowerCase().split(/[\s,]+/) : [])
  return name => OF_CONNECTION.has(name.toLowerCase()) || named.has(name.toLowerCase())
}

/** The fields of an error, without those of another connection or of another body than the error's page. */
export function fieldsOfError(headers: object): [name: string, value: string][] {
  const fields = Object.entries(headers) as [string, string][]
  const isForeign = foreignTo(fields.find(([name]) => name.toLowerCase() === 'connection')?.[1])
  return fields.filter(([name]) => !isForeign(name) && !/^content-(?:encoding|length)$/i.test(name))
}

/**
 * Removes the fields of an upstream's connection that were copied from its message. `Transfer-Encoding` stays: Node would no
 * longer chunk a response from which it was removed.
 */
export function removeFieldsOf({ headers }: IncomingMessage, res: ServerResponse): void {
  const isForeign = foreignTo(headers.connection)
  for (const [name, value] of Object.entries(headers)) {
    const isCopy = name !== 'transfer-encoding' && isForeign(name) && String(res.getHeader(name)) === String(value)
    if (isCopy) res.removeHeader(name)
  }
}

/** Removes what a response over HTTP/2 can't have, for instance fields that were copied from a response over HTTP/1. */
export function removeHttp1Fields(res: ServerResponse): void {
  for (const name of NOT_IN_HTTP2) if (res.hasHeader(name)) res.removeHeader(name)
}
