import { Readable } from 'node:stream'
import { types } from 'node:util'
import { type OptionKind } from '../errors/check-options'
import { describe } from '../errors/describe'

/** A value of a form: text, or a file. A `File` has a name; a `Blob` is sent with the name `blob`. */
export type FormValue = string | number | boolean | Blob

/** The body of a request: one of these, or no body. */
export interface RequestBody {
  /** A body to send as JSON. */
  json?: unknown
  /** A body to send as an HTML form does: URL-encoded, or as `multipart/form-data` if it has a file. A list repeats its name. */
  form?: Readonly<Record<string, FormValue | readonly FormValue[]>>
  /** A body to send unchanged. `FormData`, `URLSearchParams` and a `Blob` with a type bring their `Content-Type`. */
  body?: string | Uint8Array | ArrayBuffer | Blob | FormData | URLSearchParams
}

const SENDABLE = [Blob, FormData, URLSearchParams, ReadableStream, Readable]

/** What can be sent unchanged: also a stream, which the client reads first. */
export const BODY: OptionKind = {
  expected: 'a text, bytes, a Blob, FormData or URLSearchParams',
  fits: value =>
    typeof value === 'string' ||
    ArrayBuffer.isView(value) ||
    types.isAnyArrayBuffer(value) ||
    SENDABLE.some(each => value instanceof each),
}

/** The bytes of a body and its `Content-Type`, each `undefined` if there is none. */
export interface EncodedBody {
  readonly type?: string | undefined
  readonly bytes?: string | Uint8Array | undefined
}

export async function encodeBody({ json, form, body }: RequestBody): Promise<EncodedBody> {
  if ([json, form, body].filter(each => each !== undefined).length > 1) {
    throw new TypeError('a request has one body: give json, form or body')
  }
  if (json !== undefined) return { type: 'application/json', bytes: jsonText(json) }
  const given = form === undefined ? body : encodeForm(form)
  if (given === undefined || typeof given === 'string' || given instanceof Uint8Array) return { bytes: given }
  if (given instanceof URLSearchParams) return { type: 'application/x-www-form-urlencoded', bytes: given.toString() }
  // The same bytes and type that fetch sends.
  const encoded = new Response(given)
  return { type: encoded.headers.get('content-type') ?? undefined, bytes: new Uint8Array(await encoded.arrayBuffer()) }
}

function jsonText(json: unknown): string {
  const text = JSON.stringify(json) as string | undefined
  if (text === undefined) throw new TypeError(`json: JSON cannot express ${describe(json)}`)
  return text
}

function encodeForm(form: NonNullable<RequestBody['form']>): FormData | URLSearchParams {
  const fields = Object.entries(form).flatMap(([name, value]) => [value].flat().map(each => [name, each] as const))
  const hasFile = fields.some(([, value]) => value instanceof Blob)
  const encoded = hasFile ? new FormData() : new URLSearchParams()
  for (const [name, value] of fields) {
    if (typeof value === 'object' && !(value instanceof Blob)) throw new TypeError(notAField(name, value))
    encoded.append(name, (value instanceof Blob ? value : String(value)) as string)
  }
  return encoded
}

const notAField = (name: string, value: unknown): string =>
  `testClient: the field '${name}' of form must be a text, a number, true, false or a Blob, not ${describe(value)}: ` +
  'give bytes as new Blob([bytes])'
