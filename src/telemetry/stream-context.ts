import { Readable } from 'node:stream'
import type { Context } from '@opentelemetry/api'
import type { Api } from './api'

/**
 * Has the stream that is sent read in the context of its request: it is read after the lifecycle has ended, in that of a socket
 * which has room again.
 */
export function readIn({ context: contexts }: Api, context: Context, body: unknown): void {
  if (!(body instanceof Readable)) return
  const read = body._read.bind(body)
  body._read = size => {
    contexts.with(context, read, undefined, size)
  }
}
