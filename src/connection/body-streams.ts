import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import onFinished from 'on-finished'
import { readable } from '../errors/describe'
import { isFetchResponse, isWebStream, mayBeWebBody } from '../util/web-body'

/** On a stream that is guarded already. A WeakSet of the streams of each request costs the garbage collector far more. */
const GUARDED = Symbol('flaskoa:guarded')

/**
 * Prepares a stream for its errors. It may fail while hooks still run, before Koa listens, which would end the process: Koa
 * reports the error when it sends the stream. And Node reads properties of an error that a stream is destroyed with where
 * no code catches what reading them throws.
 */
export function guardStream(body: unknown): void {
  if (!(body instanceof Readable) || GUARDED in body) return
  const { destroy, emit } = body as unknown as Record<'destroy' | 'emit', (...args: unknown[]) => unknown>
  Object.assign(body, {
    [GUARDED]: true,
    destroy: (...[error, ...rest]: unknown[]) => destroy.call(body, readable(error), ...rest),
    emit: (...args: unknown[]) => emit.apply(body, args[0] === 'error' ? ['error', readable(args[1])] : args),
  })
  body.on('error', () => undefined)
}

/** Closes a body that will not be sent. */
export function closeBody(body: unknown): void {
  guardStream(body)
  if (body instanceof Readable) body.destroy()
  else cancelWebBody(body)
}

/**
 * Cancels a web stream that another body replaces, unless that one may read it, and a new one with the response. Koa does so
 * for streams of Node's only.
 */
export function bodyReplaced(res: ServerResponse, before: unknown, after: unknown): void {
  if (after === before) return
  if (mayBeWebBody(before) && !mayBeWebBody(after) && !('pipe' in Object(after))) cancelWebBody(before)
  if (mayBeWebBody(after)) onFinished(res, () => cancelWebBody(after))
}

/** Cancels a web stream, or the one in a WHATWG Response, unless code reads it: that code cancels it then. */
function cancelWebBody(body: unknown): void {
  const stream: unknown = isFetchResponse(body) ? body.body : body
  if (isWebStream(stream) && !stream.locked) stream.cancel().catch(() => undefined)
}
