import type { ServerResponse } from 'node:http'
import type Koa from 'koa'
import { abortResponse } from './abort-response'

/** On a response whose methods are replaced. A WeakSet of the responses costs the garbage collector far more. */
const GUARDED = Symbol('flaskoa:guarded')

/**
 * Passes what a response's `write` and `end` throw to `ctx.onerror`. Call this before a stream is piped into the response:
 * Node's streams call both where no code catches what they throw, which ends the process. Node throws there for a head or a
 * chunk that it refuses to send.
 */
export function guardWrites(ctx: Koa.Context): void {
  const { res } = ctx
  if (GUARDED in res) return
  const { write, end } = res as unknown as Record<'write' | 'end', (...args: unknown[]) => unknown>
  let isRefused = false
  const attempt = (method: typeof write, args: unknown[], instead: unknown): unknown => {
    // The error's page: ctx.onerror catches what Node throws then.
    if (isRefused) return method.apply(res, args)
    try {
      return method.apply(res, args)
    } catch (error) {
      isRefused = true
      const hasBegun = res.headersSent
      ctx.onerror(error as Error)
      if (hasBegun && !res.writableEnded) abortResponse(res)
      return instead
    }
  }
  const methods = {
    [GUARDED]: true,
    // `false` makes the stream wait, until it is closed with the response.
    write: (...args: unknown[]) => attempt(write, args, false),
    end: (...args: unknown[]) => attempt(end, args, res),
  }
  Object.assign(res, methods as unknown as Pick<ServerResponse, 'write' | 'end'>)
}
