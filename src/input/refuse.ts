import createError, { type HttpError } from 'http-errors'
import { withoutStack } from '../errors/without-stack'

/** The HTTP error for a body that can't be read. The client may read the message. */
export const refusal = (
  status: 400 | 413 | 415,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpError => withoutStack(() => createError(status, message, { headers }))

export function refuse(...args: Parameters<typeof refusal>): never {
  throw refusal(...args)
}

/** What a limit is of: one of the options `limits`. */
export type Whole = 'body' | 'form'

export const tooLarge = (whole: Whole, limit: number): HttpError =>
  refusal(413, `the ${whole} is larger than ${limit} bytes`)

/** @throws HttpError 400 for a name that could change the prototype of the object that a schema copies it to */
export function checkName(name: string): void {
  if (name === '__proto__') refuse(400, 'the name __proto__ is not allowed')
}
