import type { ServerResponse } from 'node:http'
import { isLong } from './confirmed-body'
import type { StreamEnd } from './http2-end'

/**
 * The record of a response, on Node's response: each request looks it up, and a WeakMap costs more. Responses of flaskoa's
 * own class have the property from the start and call the record at each step; on a response of another class the property
 * is added with the record, which listens to the response's events.
 */
export const RESPONSE_END = Symbol('flaskoa:end')

/** What follows a response. */
export interface Follower extends StreamEnd {
  /** The arguments of `write`, so that the chunk is counted once the connection has taken it. */
  countingWrite(args: readonly unknown[]): unknown[]
  headWritten(): void
  /** Called when the whole response has been passed to the socket. */
  finished(): void
  /** Called after that if the response belongs to no server: that of a serverless adapter may emit no 'close'. */
  finishedAlone(): void
}

/**
 * Has a response call the follower, by methods that are replaced: Node itself adds seven 'close' listeners when it pipes a
 * stream, and warns above ten.
 */
export function followResponse(res: ServerResponse, follower: Follower): void {
  const write = res.write.bind(res) as (...args: unknown[]) => boolean
  res.write = (...args: unknown[]) => write(...follower.countingWrite(args))
  followEnd(res)
  const emit = res.emit.bind(res)
  res.emit = (name: string, ...args: unknown[]) => {
    if (name === 'finish') return emitFinish(res, follower, () => emit(name, ...args))
    if (name === 'close') follower.closed()
    return emit(name, ...args)
  }
}

/** Calls `headWritten` after `writeHead`: Node has no event for it. */
export function followHead(res: ServerResponse, follower: Follower): void {
  const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => ServerResponse
  res.writeHead = (...args: unknown[]) => {
    writeHead(...args)
    follower.headWritten()
    return res
  }
}

/** Node's `end` confirms a chunk only together with an empty one, which fails once the client has left. */
function followEnd(res: ServerResponse): void {
  const end = res.end.bind(res) as (...args: unknown[]) => ServerResponse
  res.end = (...args: unknown[]) => {
    if (args.length !== 1 || !isLong(args[0]) || !res.hasHeader('Content-Length')) return end(...args)
    res.cork()
    res.write(args[0])
    res.uncork()
    return end()
  }
}

function emitFinish(res: ServerResponse, follower: Follower, emit: () => boolean): boolean {
  const hadSocket = isConnected(res)
  // Before Node's own listener, which starts to send the next pipelined response.
  follower.finished()
  const isHeard = emit()
  // Node's server takes back the socket, and emits 'close' in the next tick.
  const hasServer = hadSocket && !isConnected(res)
  if (!hasServer) process.nextTick(() => follower.finishedAlone())
  return isHeard
}

const isConnected = ({ socket }: ServerResponse): boolean => (socket ?? null) !== null
