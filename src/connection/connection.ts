import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'

/** A response that is not sent yet, with what its connection calls on it. */
export interface OpenResponse {
  readonly res: ServerResponse
  /** Called when the socket fails while it sends this response. */
  socketFailed(error: Error): void
  /** Called when the socket has closed. */
  socketClosed(): void
}

/** The size of a response that a connection has sent. */
interface SentResponse {
  readonly res: ServerResponse
  readonly bytes: number
  /** How many bytes the connection had sent at its end, for all responses together. */
  readonly total: number
}

/** The record of a connection, on Node's socket: each request looks it up, and a WeakMap costs more for the same lifetime. */
const CONNECTION = Symbol('flaskoa:connection')

type ConnectedSocket = Socket & { [CONNECTION]?: Connection }

/**
 * The record of one socket's responses, for as long as the socket lives.
 * (`private`, not `#`: `#` fields cost 0.6 % of a request in the objects that each request makes.)
 */
export class Connection {
  /** The pending requests of its server, if `gracefulShutdown` waits for them. */
  inFlight: Set<unknown> | undefined
  lastSent: SentResponse | undefined
  // Not initialized: most connections need none of these.
  /** The last answered request whose body had not arrived as a whole. Weak: Node keeps it until it has. */
  declare unread?: WeakRef<IncomingMessage>
  /** The same of HTTP/2, which may have several. */
  declare unreadStreams?: Set<ServerHttp2Stream>
  private readonly socket: Socket
  /** The unsent responses in the order of their requests: several if requests are pipelined. */
  private open: OpenResponse[] = []
  private watchesErrors = false
  private watchesClose = false

  private constructor(socket: Socket) {
    this.socket = socket
  }

  static of(socket: ConnectedSocket): Connection {
    return Connection.existing(socket) ?? (socket[CONNECTION] = new Connection(socket))
  }

  /** The record of a socket, if it has one already. */
  static existing(socket: ConnectedSocket | null | undefined): Connection | undefined {
    return socket?.[CONNECTION]
  }

  add(response: OpenResponse): void {
    this.open.push(response)
  }

  /** Removes a response, so that an idle connection does not keep its last request in memory. */
  remove(response: OpenResponse): void {
    const open = this.open
    // Usually the only response.
    if (open[open.length - 1] === response) return void open.pop()
    this.open = open.filter(each => each !== response)
  }

  /** Notifies the response that owns the socket of the socket's error; queued (pipelined) responses never get the socket. */
  watchErrors(): true {
    if (this.watchesErrors) return true
    this.watchesErrors = true
    this.socket.once('error', error => {
      this.open.find(({ res }) => res.socket === this.socket)?.socketFailed(error)
    })
    return true
  }

  /** Notifies all unsent responses when the socket has closed. */
  watchClose(): void {
    if (this.watchesClose) return
    this.watchesClose = true
    this.socket.once('close', () => {
      for (const response of [...this.open]) response.socketClosed()
    })
  }
}
