import type { Awaitable } from '../types'
import type { WebSocketMessage } from './message-queue'

/** What is done with a web socket. Its connection is closed when the function ends. */
export type WebSocketHandler = (socket: WebSocketConnection) => Awaitable<unknown>

/** How a web socket was closed. */
export interface WebSocketClosing {
  /** 1000 and 3000 to 4999 are an application's own, 1001 is a page that was left or a shutdown, 1006 a connection that broke. */
  readonly code: number
  /** What the closing side has said. */
  readonly reason: string
}

/** The server's end of a web socket. It lasts as long as its handler. */
export interface WebSocketConnection extends AsyncIterable<WebSocketMessage> {
  /** The subprotocol that was chosen; empty if there is none. */
  readonly protocol: string
  /** Whether messages can be sent. */
  readonly isOpen: boolean
  /** Resolves when the connection is closed. Never rejects. */
  readonly closed: Promise<WebSocketClosing>
  /**
   * Sends a message: a text, or bytes as a binary message.
   *
   * @returns whether the connection is open. Otherwise nothing happens, because a client may leave at any moment
   * @throws TypeError for another value
   */
  send(message: string | Uint8Array | ArrayBuffer): boolean
  /** Resolves when the network has taken what was sent, or the connection is closed. For many or long messages to a slow client. */
  drained(): Promise<void>
  /**
   * The next message: a text, or a Buffer for a binary one. `undefined` once the connection is closed. `for await (const message of
   * socket)` is the same until then. While the handler takes no messages, the client is made to wait.
   */
  receive(): Promise<WebSocketMessage | undefined>
  /**
   * Closes the connection, once what was sent before is out. `receive` returns `undefined` from then on.
   *
   * @param code 1000 (default), or 3000 to 4999 for a meaning of your own
   * @param reason at most 123 bytes
   * @throws TypeError for another code or a longer reason
   */
  close(code?: number, reason?: string): void
}
