import type { WebSocket } from 'ws'

/** Pings a client, and breaks off its connection when it does not answer. */
export class Heartbeat {
  readonly #socket: WebSocket
  readonly #timer: NodeJS.Timeout | undefined
  #isAlive = true

  /** @param interval in milliseconds; 0: never */
  constructor(socket: WebSocket, interval: number) {
    this.#socket = socket
    if (interval === 0) return
    this.#timer = setInterval(() => {
      this.#beat()
    }, interval)
    const note = () => {
      this.#isAlive = true
    }
    socket.on('pong', note).on('message', note)
  }

  #beat(): void {
    const socket = this.#socket
    if (socket.readyState !== socket.OPEN) return
    if (!this.#isAlive) return void setImmediate(() => this.#check())
    // Where the handler takes no messages, nothing is read: the answer may wait behind them.
    this.#isAlive = socket.isPaused
    socket.ping()
  }

  /** Behind the reading of what has arrived: if the process was busy, the answer is there. */
  #check(): void {
    if (!this.#isAlive) this.#socket.terminate()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
