import { validateHeaderName } from 'node:http'

/** The name of a field. */
export interface FieldName {
  /** In lower case. */
  readonly key: string
  /** Whether it was found valid. */
  valid: boolean
  /** The last of its values that was found plain: most are the same in every response (1 %). */
  plain: string
}

const CONTENT_TYPE: FieldName = { key: 'content-type', valid: true, plain: '' }
const CONTENT_LENGTH: FieldName = { key: 'content-length', valid: true, plain: '' }

/** As they are written. */
const knownNames = new Map<string, FieldName>()

/** They may come from anywhere: the table must not grow with them. */
const MOST_NAMES = 500

export function nameOf(name: string): FieldName {
  // Those of each response (1 %).
  if (name === 'Content-Type') return CONTENT_TYPE
  if (name === 'Content-Length') return CONTENT_LENGTH
  const known = knownNames.get(name)
  if (known !== undefined) return known
  const made = { key: name.toLowerCase(), valid: false, plain: '' }
  if (knownNames.size < MOST_NAMES) knownNames.set(name, made)
  return made
}

/** Throws what Node's `setHeader` throws when the name is none. */
export function validated(name: string): FieldName {
  const known = typeof name === 'string' ? nameOf(name) : undefined
  if (known?.valid === true) return known
  validateHeaderName(name)
  const valid = known as FieldName
  valid.valid = true
  return valid
}

/** What Node is sure to accept: it reads other characters of `Content-Disposition` in its own way. */
export function isPlain(value: unknown, name: FieldName): boolean {
  if (typeof value !== 'string') return typeof value === 'number' || (Array.isArray(value) && value.every(isPlainText))
  if (!isPlainText(value)) return false
  if (value.length < 100) name.plain = value
  return true
}

const isPlainText = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^[\t -~]*$/.test(value))
