import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type Koa from 'koa'
import { socketOf } from './socket'

/** On a connection, the responses that are not out. */
const waiting = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * Has a response that waits for its turn, or whose socket somebody has taken away, close with its connection, as Node has it with
 * the one whose turn it is. Without this nobody would ever learn that it is not sent, and what it reads from would stay open.
 */
export function closeWithConnection(ctx: Koa.Context): void {
  const { res } = ctx
  const socket = socketOf(ctx)
  if (socket === undefined) return
  if (socket.closed) return process.nextTick(close, res)
  const known = waiting.get(socket)
  const responses = known ?? new Set()
  if (responses.has(res)) return
  responses.add(res)
  // A connection that stays must not keep what it has sent.
  res.once('close', () => responses.delete(res))
  if (known !== undefined) return
  waiting.set(socket, responses)
  socket.once('close', () => {
    for (const response of [...responses]) close(response)
  })
}

function close(response: ServerResponse): void {
  if (response.closed || response.socket !== null) return
  response.destroyed = true
  response.emit('close')
}
