import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'

/** An upgrade request that waits for its answer. */
export interface UpgradeRequest {
  readonly req: IncomingMessage
  /** For an ordinary answer; a 101 is written by the package ws. */
  readonly res: ServerResponse
  readonly socket: Duplex
  /** What the client has sent behind the request. */
  readonly head: Buffer
  /** Call this before other code reads the socket. */
  stopWatching(): void
}

/** Those of handshakes. Weak: an entry lives as long as its request. */
const requests = new WeakMap<IncomingMessage, UpgradeRequest>()

/** The handshake that a request begins, if it does and the server of the request knows web sockets. */
export const upgradeRequestOf = (req: IncomingMessage): UpgradeRequest | undefined => requests.get(req)

/** Whether a request begins the handshake of a web socket. With a body it does not: its bytes would be read as frames. */
export function isHandshake({ method, headers }: IncomingMessage): boolean {
  const hasBody = (headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined
  return method === 'GET' && !hasBody && /^websocket$/i.test(headers.upgrade ?? '')
}

/**
 * Takes over a request that Node's server has given away: makes its response, which closes the connection, and from now on
 * watches whether the client disconnects.
 */
export function receiveUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): UpgradeRequest {
  const res = new ServerResponse(req)
  res.shouldKeepAlive = false
  refuse101(res)
  res.assignSocket(socket as Socket)
  res.once('finish', () => {
    closeBehind(res, socket as Socket)
  })
  // Node's server has taken away its own listener. A socket's error without a listener would end the process.
  socket.on('error', () => undefined)
  const request = { req, res, socket, head, stopWatching: watchEnd(socket) }
  requests.set(req, request)
  return request
}

/** A 101 that Node writes is one whose body was replaced, and its status was not: the client would read the body as frames. */
function refuse101(res: ServerResponse): void {
  const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => ServerResponse
  res.writeHead = (...args: unknown[]) => {
    // A client that has left receives nothing.
    if (args[0] !== 101 || res.socket?.destroyed === true) return writeHead(...args)
    throw new Error(
      'The body of the 101 of webSocket() was replaced: set another status as well, or return makeResponse(…)',
    )
  }
}

/** What Node's server does behind the last response of a connection. */
function closeBehind(res: ServerResponse, socket: Socket): void {
  res.detachSocket(socket)
  socket.destroySoon()
  process.nextTick(() => res.emit('close'))
}

/** Closes the connection when the client has ended its half, as Node's server does. Nothing reads the socket yet, so it would not be seen. */
function watchEnd(socket: Duplex): () => void {
  const look = () => {
    // What is there already belongs to the protocol that comes. Behind it the end is seen later.
    if (socket.readableLength === 0) socket.read(0)
  }
  const close = () => {
    socket.destroy()
  }
  socket.on('readable', look).once('end', close)
  return () => {
    socket.off('readable', look).off('end', close)
  }
}

/**
 * Makes a response one whose head is sent: the connection speaks another protocol, in which an error page would be broken frames.
 * The response keeps the socket, so that it closes with it.
 */
export function markUpgraded(res: ServerResponse): void {
  Object.defineProperty(res, 'headersSent', { value: true, configurable: true })
}
