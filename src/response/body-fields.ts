import type { HeaderEntries } from './snapshot'

/** The fields that describe a body, and mean nothing without it. */
const BODY_FIELDS: ReadonlySet<string> = new Set([
  ...['content-type', 'content-length', 'content-encoding', 'content-location', 'content-range', 'content-disposition'],
  ...['content-md5', 'digest', 'content-digest', 'repr-digest', 'etag', 'last-modified', 'accept-ranges'],
  ...['transfer-encoding', 'trailer'],
])

/** A cache must not keep the page of an error as if it were the answer. */
const CACHE_FIELDS: ReadonlySet<string> = new Set(['cache-control', 'expires'])

export const isBodyField = (name: string): boolean => BODY_FIELDS.has(name)

export const withoutBodyFields = (headers: HeaderEntries): HeaderEntries =>
  fieldsNamed(headers, name => !BODY_FIELDS.has(name))

/** Whether a Cache-Control forbids caches to keep the response, which is as right for an error. */
const forbidsStoring = (value: unknown): boolean => /(?:^|,)\s*no-store\s*(?:,|$)/i.test(String(value))

/** The fields of a request that the page of an error has as well. */
export const fieldsForError = (headers: HeaderEntries): HeaderEntries =>
  fieldsNamed(
    headers,
    (name, value) =>
      !BODY_FIELDS.has(name) && (!CACHE_FIELDS.has(name) || (name === 'cache-control' && forbidsStoring(value))),
  )

/** The fields of `headers`, except that those of a body are as in `earlier`. The length is that of a body which is replaced. */
export function withBodyFieldsOf(headers: HeaderEntries, earlier: HeaderEntries): HeaderEntries {
  const ofBody = fieldsNamed(earlier, name => BODY_FIELDS.has(name) && name !== 'content-length')
  return [...withoutBodyFields(headers), ...ofBody]
}

export const hasField = (headers: HeaderEntries, wanted: string): boolean =>
  fieldsNamed(headers, name => name === wanted).length > 0

/** @param isKept gets each field's name in lower case, and its value */
const fieldsNamed = (headers: HeaderEntries, isKept: (name: string, value: unknown) => boolean): HeaderEntries =>
  headers.length === 0
    ? headers
    : headers.filter((_, index) => {
        const start = index - (index % 2)
        return isKept(String(headers[start]).toLowerCase(), headers[start + 1])
      })
