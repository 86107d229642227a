import { isRecord } from '../util/is-record'

/** Values by name, as a caller gives them. */
export type Values = Readonly<Record<string, unknown>>

/** A value with its name, as one of a query or a form. */
export type Field = readonly [name: string, value: unknown]

/** One field for each value, and of a list for each of its values. What is `undefined` or `null` is left out. */
export function fieldsOf(values: Values): Field[] {
  return Object.entries(values)
    .flatMap(([name, value]) => [value].flat().map((each): Field => [name, each]))
    .filter(([, value]) => value !== undefined && value !== null)
}

/**
 * The values as texts.
 *
 * @param where for errors: `query`
 * @throws TypeError for a value that has no text
 */
export function textsOf(values: Values, where: string): [string, string][] {
  return fieldsOf(values).map(([name, value]) => [name, textOf(value, `${where}.${name}`)])
}

/** A text, a number, a boolean; a date as JSON has it. */
export function textOf(value: unknown, where: string): string {
  const text = hasNoText(value) ? undefined : value instanceof Date ? value.toISOString() : String(value)
  if (text !== undefined && !isNoText(value, text)) return text
  throw new TypeError(`${where} must be a text, a number, true or false, or a list of these`)
}

/** A list in a list, bytes, a function: `String` makes a text of them that no server can read. */
const hasNoText = (value: unknown): boolean =>
  ['function', 'symbol'].includes(typeof value) ||
  Array.isArray(value) ||
  ArrayBuffer.isView(value) ||
  (value instanceof Date && Number.isNaN(value.getTime()))

/** Whether a text is what JavaScript makes of an object that has none. */
export const isNoText = (value: unknown, text: string): boolean =>
  typeof value === 'object' && /^\[object \w+\]$/.test(text)

/**
 * Values by name; nothing is an empty object.
 *
 * @throws TypeError for a list, a `Headers` and whatever else has its own way to keep its values
 */
export function recordOf(value: unknown, where: string): Values {
  if (value === undefined) return {}
  if (isRecord(value) && !(Symbol.iterator in value)) return value
  throw new TypeError(`${where} must be an object with values by their names`)
}
