import { IncomingMessage as NodeMessage, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { fieldEntries, type Field } from './field-entries'
import { http2StreamOf } from './http2'

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

/** Whether a field, by its name in lower case, describes one connection. */
export const belongsToConnection = (key: string): boolean => OF_CONNECTION.has(key)

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

/** Fields by their names, as an application writes them or as Node has those of a message. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>

const NONE: readonly never[] = []

/** The fields of an error, without those of another connection or of another body than the error's page. */
export function fieldsOfError(headers: unknown, status: unknown): readonly Field[] {
  if (headers === undefined) return NONE
  const fields = fieldEntries(headers)
  return fields.filter(ofThisConnection(fields, status)).filter(([name]) => !isOfBody(name))
}

/**
 * The fields that a method gives to its response, without those that can't be true of it, since they may be those of a
 * message which the application received: the fields of another connection, another length than that of the body, and the
 * encoding of a text, which has none.
 */
export function fieldsOfResponse(headers: Fields, status: number, body: unknown): Field[] {
  const fields = fieldEntries(headers)
  const isOfConnection = ofThisConnection(fields, status)
  const isTrue = (field: Field) => isOfConnection(field) || isTrueAnyway(field, body)
  return fields.filter(field => isTrue(field) && !isUntrue(field, body))
}

/** `Connection: close` is true of any connection, and `Trailer` of a stream: the application may send the trailers itself. */
function isTrueAnyway([name, value]: Field, body: unknown): boolean {
  if (/^connection$/i.test(name)) return /^close$/i.test(String(value))
  return /^trailer$/i.test(name) && body instanceof Readable
}

/** Not of an empty body: that of a response to HEAD is described, and not sent. */
function isUntrue([name]: Field, body: unknown): boolean {
  if (typeof body === 'string') return body !== '' && isOfBody(name)
  return Buffer.isBuffer(body) && body.length > 0 && /^content-length$/i.test(name)
}

const isOfBody = (name: string): boolean => /^content-(?:encoding|length)$/i.test(name)

/** The test for a message's fields: whether one is true of another connection, too. A 426 says in `Upgrade` what it requires. */
function ofThisConnection(fields: readonly Field[], status: unknown): (field: Field) => boolean {
  if (status === 426)
    return ([name]) => /^(?:connection|upgrade)$/i.test(name) || !OF_CONNECTION.has(name.toLowerCase())
  const isForeign = foreignTo(fields.find(([name]) => /^connection$/i.test(name))?.[1])
  return ([name]) => !isForeign(name)
}

/** The messages that streams were made of. Weak: an entry lives as long as its stream. */
const sources = new WeakMap<object, NodeMessage>()

/** Remembers that a stream sends the body of a message. */
export function noteSource(stream: object, source: unknown): void {
  if (source instanceof NodeMessage) sources.set(stream, source)
}

/**
 * Removes the fields of an upstream's connection that were copied from its message, if the body is that message.
 * `Transfer-Encoding` stays: Node would no longer chunk a response from which it was removed. Only HTTP/1.0 has no chunks.
 */
export function removeUpstreamFields(req: NodeMessage, res: ServerResponse, body: unknown): void {
  const message = body instanceof NodeMessage ? body : sources.get(Object(body) as object)
  // A request that is sent back is no upstream.
  if (message === undefined || message === req) return
  const isForeign = foreignTo(message.headers.connection)
  for (const [name, value] of Object.entries(message.headers)) {
    const isChunks = name === 'transfer-encoding' && req.httpVersion !== '1.0'
    const isCopy = !isChunks && isForeign(name) && String(res.getHeader(name)) === String(value)
    if (isCopy) res.removeHeader(name)
    // Node says nothing of the connection where its field was removed, not even to a client that it is about to close.
    if (isCopy && name === 'connection' && http2StreamOf(res) === undefined)
      res.setHeader('Connection', res.shouldKeepAlive ? 'keep-alive' : 'close')
  }
}

/** Removes what a response over HTTP/2 can't have, for instance fields that were copied from a response over HTTP/1. */
export function removeHttp1Fields(res: ServerResponse): void {
  for (const name of NOT_IN_HTTP2) if (res.hasHeader(name)) res.removeHeader(name)
}
