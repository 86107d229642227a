import type { ServerResponse } from 'node:http'
import { whenResponseIsOut } from '../connection/abort-signal'
import type { Context } from '../types'

/**
 * Calls `tell` once, with whether the client gets a session's key: when the headers are written, before their first byte is
 * sent, or when the response is closed without any. What may be done to a response until then, by error pages and outer
 * middleware, can't be known before.
 */
export function whenDelivered(ctx: Context, key: string, tell: (delivered: boolean) => void): void {
  const { res } = ctx
  // A key that travels outside of the headers, or is encoded, can't be seen in them.
  const isVisible = carries(res, key)
  let told = false
  const dedupeKoaErrors = () => {
    if (!told) tell(res.headersSent && (!isVisible || carries(res, key)))
    told = true
  }
  const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => ServerResponse
  res.writeHead = (...args: unknown[]) => {
    writeHead(...args)
    dedupeKoaErrors()
    return res
  }
  whenResponseIsOut(ctx, dedupeKoaErrors)
}

const carries = (res: ServerResponse, key: string): boolean =>
  Object.values(res.getHeaders()).some(field => String(field).includes(key))
