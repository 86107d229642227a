import type { ServerResponse } from 'node:http'
import { removeHttp1Fields } from './foreign-fields'

type Method = (...args: unknown[]) => unknown

/** The responses whose methods are replaced. Weak, and not a property: a response belongs to Node. */
const prepared = new WeakSet<object>()

/** The statuses whose responses have no body. */
const EMPTY: readonly number[] = [204, 205, 304]

/**
 * Replaces two methods of an HTTP/2 response. `writeHead` leaves out the fields of HTTP/1 connections, which Node refuses.
 * `end` writes the head first: when Node refuses the head of a response within its own `end`, that response counts as ended,
 * no other response can be sent instead, and the client waits forever.
 */
export function prepareHttp2Response(req: { readonly method?: string | undefined }, res: ServerResponse): void {
  if (prepared.has(res)) return
  prepared.add(res)
  const { writeHead, end } = res as unknown as Record<'writeHead' | 'end', Method>
  const methods = {
    writeHead: (...args: unknown[]) => {
      removeHttp1Fields(res)
      writeHead.apply(res, args)
      return res
    },
    end: (...args: unknown[]) => {
      if (res.writableEnded) return end.apply(res, args)
      if (!res.headersSent) res.writeHead(res.statusCode)
      // Koa's error page has a body for HEAD as well, which Node reports as written behind the end.
      const hasBody = req.method !== 'HEAD' && !EMPTY.includes(res.statusCode)
      return end.apply(res, hasBody ? args : args.filter(each => typeof each === 'function'))
    },
  }
  Object.assign(res, methods)
}
