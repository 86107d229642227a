import type { ServerResponse } from 'node:http'
import type Koa from 'koa'
import { abortResponse } from './abort-response'

/** On a response whose methods are replaced. A WeakSet of the responses costs the garbage collector far more. */
const GUARDED = Symbol('flaskoa:guarded')

/** After how many chunks other requests have their turn. */
const CHUNKS_PER_TURN = 100

/**
 * Passes what a response's `write` and `end` throw to `ctx.onerror`. Call this before a stream is piped into the response:
 * Node's streams call both where no code catches what they throw, which ends the process. Node throws there for a head or a
 * chunk that it refuses to send. And a stream that has its chunks at hand waits now and then: with a client that reads as fast it
 * would keep the process from everything else, also from signals.
 */
export function guardWrites(ctx: Koa.Context): void {
  const { res } = ctx
  if (GUARDED in res) return
  const { write, end } = res as unknown as Record<'write' | 'end', (...args: unknown[]) => unknown>
  let isRefused = false
  let written = 0
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
    write: (...args: unknown[]) => {
      const goesOn = attempt(write, args, false)
      return goesOn === true && ++written % CHUNKS_PER_TURN === 0 ? waitForTurn(res) : goesOn
    },
    end: (...args: unknown[]) => attempt(end, args, res),
  }
  Object.assign(res, methods as unknown as Pick<ServerResponse, 'write' | 'end'>)
}

/** Has the stream wait until the process has looked at its other requests. */
function waitForTurn(res: ServerResponse): false {
  setImmediate(() => {
    if (!res.writableEnded && !res.destroyed) res.emit('drain')
  })
  return false
}
