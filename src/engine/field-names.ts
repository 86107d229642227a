import { validateHeaderName } from 'node:http'

/** What is known of the name of a header field. */
export interface FieldName {
  /** In lower case. */
  readonly key: string
  /** Whether Node has accepted the name. */
  valid: boolean
  /** The last of its values that was plain: most are the same in every response (1 %). */
  plain: string
}

const CONTENT_TYPE: FieldName = { key: 'content-type', valid: true, plain: '' }
const TRANSFER_ENCODING: FieldName = { key: 'transfer-encoding', valid: true, plain: '' }
const CONTENT_LENGTH: FieldName = { key: 'content-length', valid: true, plain: '' }

/** By the name as it is written, in upper and lower case. */
const knownNames = new Map<string, FieldName>()

/** A name may come from a client: the table must not grow with every new one. */
const MOST_NAMES = 500

export function fieldName(name: string): FieldName {
  // Nearly every response has the first two, and Koa asks for the third (1 %).
  if (name === 'Content-Type') return CONTENT_TYPE
  if (name === 'Content-Length') return CONTENT_LENGTH
  if (name === 'Transfer-Encoding') return TRANSFER_ENCODING
  const known = knownNames.get(name)
  if (known !== undefined) return known
  const made = { key: name.toLowerCase(), valid: false, plain: '' }
  if (knownNames.size < MOST_NAMES) knownNames.set(name, made)
  return made
}

/** @throws what Node's `setHeader` throws for a name that is not valid */
export function validFieldName(name: string): FieldName {
  const known = typeof name === 'string' ? fieldName(name) : undefined
  if (known?.valid === true) return known
  validateHeaderName(name)
  const valid = known as FieldName
  valid.valid = true
  return valid
}

/** Whether Node sends a value unchanged: it encodes other characters in `Content-Disposition` in its own way. */
export function isPlainFieldValue(value: unknown, name: FieldName): boolean {
  if (typeof value !== 'string') return typeof value === 'number' || (Array.isArray(value) && value.every(isPlainText))
  if (!isPlainText(value)) return false
  if (value.length < 100) name.plain = value
  return true
}

const isPlainText = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^[\t -~]*$/.test(value))
