import { describe } from '../errors/describe'

/**
 * Throws for a status that can't end a response, and for headers that are none: some would be lost without a word. A status below
 * 200 says that the response is still to come, and its client would wait for it.
 */
export function assertResponse(status: unknown, headers: unknown): void {
  if (status !== undefined && !isFinal(status)) {
    throw new TypeError(`makeResponse: the status must be a whole number from 200 to 999, not ${describe(status)}`)
  }
  if (typeof headers !== 'object' || headers === null) {
    throw new TypeError(`makeResponse: the headers must be an object, not ${describe(headers)}`)
  }
}

const isFinal = (status: unknown): boolean => Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 999
