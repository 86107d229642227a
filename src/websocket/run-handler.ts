import { abortBehind, signalOf } from '../connection/abort-signal'
import { toError } from '../errors/describe'
import type { Application } from '../events'
import type { RequestContext } from '../request/request-context'
import type { UpgradeEnding } from '../request/upgrade'
import { ABNORMAL, type ServerSocket } from './server-socket'

const NORMAL = 1000
const GOING_AWAY = 1001
const INTERNAL_ERROR = 1011

/**
 * Runs the handler of a web socket, and closes the connection when it ends: with 1000 when it returns, with 1011 when it fails.
 * A shutdown closes it with 1001.
 *
 * @param patience how long the handler may take to end once the connection is closed, in milliseconds
 */
export async function runHandler(
  handler: () => unknown,
  socket: ServerSocket,
  request: RequestContext,
  patience: number,
): Promise<UpgradeEnding> {
  let failure: Error | undefined
  const handled = call(handler).then(
    () => {
      socket.end(NORMAL, '')
    },
    (thrown: unknown) => {
      failure = reported(request, toError(thrown))
      socket.end(INTERNAL_ERROR, 'Internal error')
    },
  )
  const stop = closeAtShutdown(socket, (request.app as Application).shutdownSignal as AbortSignal)
  const { code } = await socket.closed
  stop()
  await within(patience, handled)
  const aborted = code === ABNORMAL
  return { error: failure ?? (aborted ? reasonOf(request) : undefined), aborted, closeCode: code }
}

async function call(handler: () => unknown): Promise<void> {
  await handler()
}

/** Reports what a handler has thrown, unless it only passes on that the connection is gone. */
function reported(request: RequestContext, error: Error): Error | undefined {
  if (abortBehind(request.ctx, error) !== undefined) return undefined
  // Also for the outcome of the lifecycles around this one.
  for (let each: RequestContext | undefined = request; each !== undefined; each = each.outer)
    each.noteError(error, false)
  request.report(error)
  return error
}

/** That the client has disconnected, or that a shutdown has stopped waiting. */
const reasonOf = ({ ctx }: RequestContext): Error => signalOf(ctx).reason as Error

/** @returns a function that ends this */
function closeAtShutdown(socket: ServerSocket, signal: AbortSignal): () => void {
  const close = () => {
    socket.end(GOING_AWAY, 'The server is shutting down')
  }
  if (signal.aborted) close()
  signal.addEventListener('abort', close)
  return () => {
    signal.removeEventListener('abort', close)
  }
}

/** Waits for a promise that is never rejected, but not longer than that. */
function within(milliseconds: number, work: Promise<void>): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds)
    void work.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
