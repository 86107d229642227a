import createError from 'http-errors'

/** Throws the HTTP error for a body that can't be read. The client may read the message. */
export function refuse(status: 400 | 413 | 415, message: string, headers: Record<string, string> = {}): never {
  throw createError(status, message, { headers })
}

export const tooLarge = (limit: number): never => refuse(413, `the body is larger than ${limit} bytes`)
