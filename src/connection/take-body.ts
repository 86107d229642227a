import type { Readable } from 'node:stream'

/** What a body that is read as a whole is given to. */
export interface BodyTaker {
  data(chunk: Buffer): void
  end(): void
  error(): void
}

/**
 * The method of flaskoa's own request class that gives a body to its taker without the request's stream. It returns `false`
 * if other code has used the request.
 */
export const TAKE_BODY = Symbol('flaskoa:take body')

/**
 * Gives a body to its taker, without the stream if it can be: the stream's ticks and events are a seventh of a request with a
 * small body.
 */
export function takeBody(stream: Readable & { [TAKE_BODY]?: (taker: BodyTaker) => boolean }, taker: BodyTaker): void {
  if (stream[TAKE_BODY]?.(taker) !== true) followBody(stream, taker)
}

/** The listeners stay: to take them away costs more than to let them be called for the rest of a body. */
export function followBody(stream: Readable, taker: BodyTaker): void {
  stream
    .on('data', (chunk: Buffer) => taker.data(chunk))
    .on('end', () => taker.end())
    .on('error', () => taker.error())
}
