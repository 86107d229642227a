import { Readable } from 'node:stream'
import { describe, toError } from '../errors/describe'
import { isWebStream } from '../util/web-body'

export { closeBody, guardStream } from '../connection/body-streams'

/** The value as something Koa can send: text, bytes or a stream. */
export function toBody(value: unknown, by: string): unknown {
  if (typeof value === 'string' || (typeof value === 'object' && value !== null && isSendable(value))) return value
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (value instanceof ArrayBuffer) return Buffer.from(value)
  if (isWebStream(value)) return Readable.fromWeb(value)
  if (isIterated(value)) return Readable.from(value, { objectMode: false })
  if (isJson(value)) return toJson(value, by)
  throw new TypeError(
    `${by} returned ${describe(value)}: return a string, bytes, a plain object or an array (JSON), a stream, an async ` +
      'iterable, a WHATWG Response or ctx.response' +
      hintFor(value),
  )
}

function hintFor(value: unknown): string {
  if (value === undefined) return ", or write to ctx.body before returning nothing; for an empty answer return ''"
  return typeof value === 'function' ? '. Call the function: what a generator function returns is a stream' : ''
}

/** Whether a value is a plain object or an array, which can only mean JSON: a quick check for the common case. */
export function isLiteral(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) return true
  return Object.getPrototypeOf(value) === Object.prototype && !isNodeStream(value) && !isIterated(value)
}

/** Objects that are not JavaScript's own kinds (a Date, a Map, an Error are no JSON documents). */
function isJson(value: unknown): value is object {
  return Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]'
}

/** Throws a TypeError that names `by` when JSON can't express the value. */
export function toJson(value: object, by: string): string {
  try {
    const text: unknown = JSON.stringify(value)
    if (typeof text === 'string') return text
  } catch (cause) {
    throw new TypeError(`${by} returned ${describe(value)} that JSON cannot express: ${toError(cause).message}`, {
      cause,
    })
  }
  throw new TypeError(`${by} returned ${describe(value)} whose toJSON() gives no JSON value`)
}

/** What Koa sends as it is. */
export function isSendable(value: unknown): boolean {
  return Buffer.isBuffer(value) || value instanceof Blob || isNodeStream(value)
}

/** Whether a value is sent in parts as they come. */
export function isStream(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return isNodeStream(value) || isWebStream(value) || isIterated(value)
}

function isNodeStream(value: unknown): boolean {
  return typeof (value as Partial<Readable>).pipe === 'function'
}

/** An async iterable, or the object a generator function returns (an iterable that is its own iterator). */
function isIterated(value: unknown): value is AsyncIterable<unknown> {
  if (typeof value !== 'object' || value === null) return false
  return Symbol.asyncIterator in value || (Symbol.iterator in value && 'next' in value)
}
