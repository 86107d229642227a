import type { Server } from 'node:http'
import type { Http2Server, ServerHttp2Session } from 'node:http2'
import { Server as NetServer, type Socket } from 'node:net'
import { abortResponse } from '../connection/abort-response'
import { watchRequests } from '../connection/in-flight'
import { socketOf } from '../connection/socket'
import { endUnreadBodies } from '../connection/unread-body'
import { cancelBinding } from '../engine/late-binding'
import type { RequestContext } from '../request/request-context'
import { LastResponses } from './last-responses'

/** How often idle connections are closed after the grace, in milliseconds. */
const CLOSE_INTERVAL_MS = 50

/** The connections of each server, until it closes. Weak, and by server: several applications may be mounted in one. */
const connectionsByServer = new WeakMap<object, ServerConnections>()

/** All connections of one server, and how they end. */
export class ServerConnections {
  /** How long requests on open connections are awaited before idle connections are closed, in milliseconds. */
  grace = 0
  /** The requests in flight. */
  readonly requests: Set<RequestContext>
  readonly #server: Server | Http2Server
  /** All open sockets, also upgraded ones, which the server itself no longer knows. */
  readonly #sockets = new Set<Socket>()
  readonly #http2Sessions = new Set<ServerHttp2Session>()
  #closed: Promise<void> | undefined

  static of(server: Server | Http2Server): ServerConnections {
    const connections = connectionsByServer.get(server) ?? new ServerConnections(server)
    connectionsByServer.set(server, connections)
    return connections
  }

  private constructor(server: Server | Http2Server) {
    this.#server = server
    this.requests = watchRequests(server)
    const add = (socket: Socket) => {
      // It is emitted again for a connection that is given back to the server.
      if (this.#sockets.has(socket)) return
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    }
    // With TLS a connection has two sockets, and only the second one knows what was written and read.
    for (const name of ['connection', 'secureConnection']) server.on(name, add)
    // Only HTTP/2 has sessions, and a server can't close them all at once.
    ;(server as Http2Server).on('session', session => {
      this.#http2Sessions.add(session)
      session.once('close', () => this.#http2Sessions.delete(session))
    })
  }

  get isListening(): boolean {
    return this.#server.listening
  }

  /** Accepts no new connections, and resolves when all connections are closed. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async #close(): Promise<void> {
    const server = this.#server
    connectionsByServer.delete(server)
    cancelBinding(server)
    const responses = new LastResponses()
    const unwatch = responses.watch(server)
    for (const { ctx } of this.requests) {
      const socket = socketOf(ctx)
      if (socket !== undefined) responses.mark(socket, ctx.res)
    }
    const end = performance.now() + this.grace
    const timer = setInterval(() => {
      // After Node has read what has already arrived: a connection with an unread request looks idle.
      if (performance.now() >= end) setImmediate(() => this.#closeIdle())
    }, CLOSE_INTERVAL_MS)
    // Not the server's own method, which closes idle connections at once, and with them what Node has not read yet.
    await new Promise(resolve => NetServer.prototype.close.call(server, resolve))
    clearInterval(timer)
    unwatch()
  }

  /** Closes idle connections: otherwise a connection that becomes idle stays open until its client closes it. */
  #closeIdle(): void {
    const sockets = [...this.#sockets]
    for (const session of this.#http2Sessions) session.close()
    // Node takes a connection that never sent a byte for one in the middle of a request.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy()
    for (const socket of sockets) endUnreadBodies(socket)
    // Node takes a connection for idle whose response is complete, but not yet sent to a slow client.
    const isSending = sockets.some(({ writableLength }) => writableLength > 0)
    if (!isSending && 'closeIdleConnections' in this.#server) this.#server.closeIdleConnections()
  }

  /** Closes all connections, whatever they are doing. */
  destroy(): void {
    // Otherwise what is cut off of an HTTP/2 connection would look complete to its client.
    for (const { ctx } of this.requests) abortResponse(ctx.res)
    // After Node has sent that.
    setImmediate(() => {
      for (const session of this.#http2Sessions) session.destroy()
      if ('closeAllConnections' in this.#server) this.#server.closeAllConnections()
      for (const socket of this.#sockets) socket.destroy()
    })
  }
}
