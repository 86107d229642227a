import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** A response that is not out yet, as its connection sees it. */
export interface OpenResponse {
  readonly res: ServerResponse
  /** The socket failed while it sent this response. */
  socketFailed(error: Error): void
  socketClosed(): void
}

/** A response that a connection has sent. */
interface SentResponse {
  readonly res: ServerResponse
  readonly bytes: number
  /** How many bytes the connection had sent by then, over all its responses. */
  readonly total: number
}

/** On Node's socket, because each request looks it up: a WeakMap costs more, and its entry would live as long. */
const CONNECTION = Symbol('flaskoa:connection')

type Connected = Socket & { [CONNECTION]?: Connection }

/**
 * What flaskoa knows of one socket, for as long as the socket lives.
 * (`private`, not `#`: in what each request makes, `#` costs 0.6 % of a request.)
 */
export class Connection {
  /** The requests of its server that have not ended, if `gracefulShutdown` waits for them. */
  inFlight: Set<unknown> | undefined
  lastSent: SentResponse | undefined
  private readonly socket: Socket
  /** In the order of their requests: several when requests are pipelined. */
  private readonly open: OpenResponse[] = []
  private watchesErrors = false
  private watchesClose = false

  private constructor(socket: Socket) {
    this.socket = socket
  }

  static of(socket: Connected): Connection {
    const known = Connection.known(socket)
    return known ?? (socket[CONNECTION] = new Connection(socket))
  }

  /** `undefined` if nothing is known of a socket. */
  static known(socket: Connected | null | undefined): Connection | undefined {
    return socket?.[CONNECTION]
  }

  add(response: OpenResponse): void {
    this.open.push(response)
  }

  /** A connection that waits for another request must not keep the last one alive. */
  remove(response: OpenResponse): void {
    const open = this.open
    // Most often it is the only one.
    if (open[open.length - 1] === response) return void open.pop()
    const index = open.indexOf(response)
    if (index !== -1) open.splice(index, 1)
  }

  /** Tells the response whose turn it is of the socket's error: those that wait behind it never get the socket. */
  watchErrors(): void {
    if (this.watchesErrors) return
    this.watchesErrors = true
    this.socket.once('error', error => {
      this.open.find(({ res }) => res.socket === this.socket)?.socketFailed(error)
    })
  }

  /** Tells its responses that the socket has closed. */
  watchClose(): void {
    if (this.watchesClose) return
    this.watchesClose = true
    this.socket.once('close', () => {
      for (const response of [...this.open]) response.socketClosed()
    })
  }
}
