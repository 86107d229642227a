/** A message: a text, or the bytes of a binary one. */
export type WebSocketMessage = string | Buffer

/** How many messages may wait for the handler before the client is made to wait. */
const MOST_WAITING = 16

/** What the queue needs of a web socket. */
interface Pausable {
  pause(): void
  resume(): void
}

/** The messages that the handler has not taken yet. While it takes none, the connection is not read. */
export class MessageQueue {
  readonly #socket: Pausable
  readonly #messages: WebSocketMessage[] = []
  /** The calls of `take` that wait. */
  readonly #takers: ((message: WebSocketMessage | undefined) => void)[] = []
  #isOver = false

  constructor(socket: Pausable) {
    this.#socket = socket
  }

  add(message: WebSocketMessage): void {
    if (this.#isOver) return
    const taker = this.#takers.shift()
    if (taker !== undefined) return taker(message)
    if (this.#messages.push(message) === MOST_WAITING) this.#socket.pause()
  }

  /** The next message; `undefined` when there is none, and none will come. */
  take(): Promise<WebSocketMessage | undefined> {
    const message = this.#messages.shift()
    if (this.#messages.length === MOST_WAITING - 1) this.#socket.resume()
    if (message !== undefined) return Promise.resolve(message)
    // Later: a handler that asks again and again, without a look at what it gets, would keep the process from everything else.
    if (this.#isOver) return new Promise(resolve => setImmediate(resolve, undefined))
    return new Promise(resolve => this.#takers.push(resolve))
  }

  /** No messages will come. Those that wait can still be taken. */
  end(): void {
    this.#isOver = true
    // Pings, and the answer to a close, are read again.
    this.#socket.resume()
    for (const take of this.#takers.splice(0)) take(undefined)
  }
}
