import type { WebSocket } from 'ws'
import { describe } from '../errors/describe'
import type { WebSocketClosing, WebSocketConnection } from './connection'
import { Heartbeat } from './heartbeat'
import { MessageQueue, type WebSocketMessage } from './message-queue'
import type { Settings } from './options'

/** The codes by which the package ws closes what it refuses. Without an answer of the client it does not tell them. */
const REFUSALS: Readonly<Record<string, number>> = {
  WS_ERR_INVALID_UTF8: 1007,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: 1008,
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009,
}
const PROTOCOL_ERROR = 1002
/** The connection broke. */
export const ABNORMAL = 1006
/** The most bytes that a reason may have: it is sent in one frame with the code. */
const LONGEST_REASON = 123

const isOwnCode = (code: unknown): boolean =>
  code === 1000 || (Number.isInteger(code) && (code as number) >= 3000 && (code as number) <= 4999)

export class ServerSocket implements WebSocketConnection {
  readonly protocol: string
  readonly closed: Promise<WebSocketClosing>
  readonly #socket: WebSocket
  readonly #messages: MessageQueue
  readonly #closeTimeout: number
  /** How many messages the network has not taken yet. */
  #sending = 0
  readonly #drained: (() => void)[] = []
  /** The code of what the client was refused for. */
  #refusal = ABNORMAL

  constructor(socket: WebSocket, { pingInterval, closeTimeout }: Settings) {
    this.#socket = socket
    this.#messages = new MessageQueue(socket)
    this.#closeTimeout = closeTimeout
    this.protocol = socket.protocol
    const heartbeat = new Heartbeat(socket, pingInterval)
    socket.on('message', (data: Buffer, isBinary) => {
      this.#messages.add(isBinary ? data : data.toString())
    })
    // What a client does wrong is no error of the application.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      this.#refusal = REFUSALS[code as string] ?? PROTOCOL_ERROR
    })
    this.closed = new Promise(resolve => {
      socket.once('close', (code, reason) => {
        heartbeat.stop()
        this.#messages.end()
        resolve({ code: code === ABNORMAL ? this.#refusal : code, reason: reason.toString() })
      })
    })
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  send(message: string | Uint8Array | ArrayBuffer): boolean {
    if (typeof message !== 'string' && !(message instanceof Uint8Array) && !(message instanceof ArrayBuffer)) {
      const fix = 'JSON.stringify makes a text of an object'
      throw new TypeError(`socket.send(message): the message must be a text or bytes, not ${describe(message)}: ${fix}`)
    }
    if (!this.isOpen) return false
    this.#sending++
    this.#socket.send(message, () => {
      if (--this.#sending === 0) for (const resolve of this.#drained.splice(0)) setImmediate(resolve)
    })
    return true
  }

  /** Not at once: the network may take each message at once, and a handler that only sends would never let the process do anything else. */
  drained(): Promise<void> {
    return new Promise(resolve => {
      if (this.#sending === 0) setImmediate(resolve)
      else this.#drained.push(resolve)
    })
  }

  receive(): Promise<WebSocketMessage | undefined> {
    return this.#messages.take()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WebSocketMessage, void, undefined> {
    for (let message = await this.receive(); message !== undefined; message = await this.receive()) yield message
  }

  close(code = 1000, reason = ''): void {
    const where = 'socket.close(code, reason)'
    if (!isOwnCode(code)) throw new TypeError(`${where}: the code must be 1000 or 3000 to 4999, not ${describe(code)}`)
    if (typeof reason !== 'string' || Buffer.byteLength(reason) > LONGEST_REASON)
      throw new TypeError(`${where}: the reason must be a text of at most ${LONGEST_REASON} bytes`)
    this.end(code, reason)
  }

  /** Closes with any code. A client that does not answer in time is disconnected. */
  end(code: number, reason: string): void {
    this.#messages.end()
    if (!this.isOpen) return
    this.#socket.close(code, reason)
    const timer = setTimeout(() => this.terminate(), this.#closeTimeout)
    void this.closed.then(() => {
      clearTimeout(timer)
    })
  }

  /** Breaks off the connection. */
  terminate(): void {
    this.#socket.terminate()
  }
}
