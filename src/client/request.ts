import { fieldsOf, recordOf, textOf, textsOf } from './texts'

/** What the caller gives for the locations of the request. */
export interface Input {
  readonly body?: unknown
  readonly form?: unknown
  readonly query?: unknown
  readonly headers?: unknown
  readonly cookies?: unknown
}

/** A request as `fetch` takes it. */
export interface Outgoing extends RequestInit {
  readonly method: string
  readonly headers: Headers
}

/** `{ page: 2, tag: ['a', 'b'] }` → `?page=2&tag=a&tag=b` */
export function searchOf({ query }: Input): string {
  const text = new URLSearchParams(textsOf(recordOf(query, 'query'), 'query')).toString()
  return text === '' ? '' : `?${text}`
}

/**
 * The request for some input.
 *
 * @param always header fields of the client
 * @param own header fields of this call
 * @throws TypeError for input that can't be sent
 */
export function requestOf(method: string, input: Input, always: unknown, own: unknown): Outgoing {
  // Errors of a route that declares input are problem details, unless the client prefers HTML.
  const headers = new Headers({ accept: 'application/json, */*;q=0.5' })
  const body = bodyOf(input)
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError(`fetch sends no body with ${method}: the route needs another method`)
  }
  if (typeof body === 'string') headers.set('content-type', 'application/json')
  override(headers, always)
  override(headers, input.headers)
  const cookies = cookieOf(input)
  if (cookies !== '') headers.set('cookie', cookies)
  override(headers, own)
  return { method, headers, ...(body !== undefined && { body }) }
}

function override(headers: Headers, given: unknown): void {
  const fields = textsOf(recordOf(given, 'headers'), 'headers')
  for (const [name] of fields) headers.delete(name)
  for (const [name, value] of fields) headers.append(name, value)
}

function bodyOf({ body, form }: Input): string | FormData | URLSearchParams | undefined {
  if (body !== undefined) return jsonOf(body)
  return form === undefined ? undefined : formOf(form)
}

function jsonOf(body: unknown): string {
  const text = JSON.stringify(body) as string | undefined
  if (text === undefined) throw new TypeError(`body: JSON cannot express a ${typeof body}`)
  return text
}

/** As browsers send a form: multipart if it has a file. `fetch` adds the `Content-Type` of both. */
function formOf(form: unknown): FormData | URLSearchParams {
  const values = recordOf(form, 'form')
  const fields = fieldsOf(values)
  if (!fields.some(([, value]) => value instanceof Blob)) return new URLSearchParams(textsOf(values, 'form'))
  const data = new FormData()
  for (const [name, value] of fields) {
    if (value instanceof Blob) data.append(name, value)
    else data.append(name, textOf(value, `form.${name}`))
  }
  return data
}

function cookieOf({ cookies }: Input): string {
  return textsOf(recordOf(cookies, 'cookies'), 'cookies')
    .map(pair => pair.map(encoded).join('='))
    .join('; ')
}

/** @throws TypeError for half a character, which no text in UTF-8 has */
function encoded(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new TypeError(`cookies: ${JSON.stringify(text)} has half of a character`)
  return encodeURIComponent(text)
}
