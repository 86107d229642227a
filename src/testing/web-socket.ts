import type { EventEmitter } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { buffer } from 'node:stream/consumers'
import type Koa from 'koa'
import { runtimesOf } from '../request/runtime'
import { WEB_SOCKETS } from '../request/upgrade'
import { MemorySocket } from './memory-socket'
import { ConnectionRefused } from './refused'
import { TestResponse } from './response'

/** The client's end of a web socket. `for await` reads its messages until it is closed. */
export interface TestWebSocket extends AsyncIterable<string | Buffer> {
  /** The 101. */
  readonly response: TestResponse
  /** The subprotocol that the server has chosen; empty if there is none. */
  readonly protocol: string
  /** Sends a text, or bytes as a binary message. */
  send(message: string | Uint8Array): void
  /** The next message: a text, or a Buffer for a binary one. `undefined` once the connection is closed. */
  receive(): Promise<string | Buffer | undefined>
  /** Closes the connection and waits as `ended` does. */
  close(code?: number, reason?: string): Promise<{ readonly code: number; readonly reason: string }>
  /** Breaks off the connection, as a client does that loses its network, and waits as `ended` does. */
  terminate(): Promise<{ readonly code: number; readonly reason: string }>
  /**
   * Waits until the connection is closed and the teardown of its request has run. Rejects with the handler's error if exceptions
   * propagate.
   */
  ended(): Promise<{ readonly code: number; readonly reason: string }>
}

/** What the test client uses of the package ws, which belongs to the application's extension. */
export interface WebSocketClient extends EventEmitter {
  readonly protocol: string
  send(message: string | Uint8Array): void
  close(code?: number, reason?: string): void
  terminate(): void
}
type ClientClass = new (url: string, protocols: readonly string[], options: object) => WebSocketClient

interface WebSocketsForTests {
  [WEB_SOCKETS](server: Server, listener: RequestListener): ClientClass
}

/** What is sent to open a web socket. */
export interface Opening {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly protocols: readonly string[]
}

/** A web socket over a connection in memory. Its listeners hear of everything, because nothing has happened yet. */
export function openWebSocket(
  app: Koa,
  listener: RequestListener,
  { url, headers, protocols }: Opening,
): WebSocketClient {
  const [socket, serverSocket] = MemorySocket.pair(url.protocol === 'https:')
  const server = createServer(listener)
  const WebSocket = extensionOf(app)[WEB_SOCKETS](server, listener)
  const createConnection = () => {
    server.emit('connection', serverSocket)
    return socket
  }
  const target = `ws://${url.host}${url.pathname}${url.search}`
  return new WebSocket(target, protocols, { headers, createConnection, perMessageDeflate: false })
}

function extensionOf(app: Koa): WebSocketsForTests {
  const extensions: readonly object[] = runtimesOf(app).flatMap(({ plan }) => plan.extensions)
  const extension = extensions.find((each): each is WebSocketsForTests => WEB_SOCKETS in each)
  if (extension !== undefined) return extension
  throw new Error(
    'client.webSocket needs an application with the extension webSockets() of flaskoa/websocket: ' +
      'bootstrap(App, { extensions: [webSockets()] })',
  )
}

/**
 * Waits for the answer.
 *
 * @param ended waits for the end of the request
 * @throws ConnectionRefused if it is no 101
 */
export async function opened(
  what: string,
  client: WebSocketClient,
  ended: () => Promise<void>,
): Promise<TestWebSocket> {
  const socket = new ClientSocket(client, ended)
  await new Promise<void>((resolve, reject) => {
    client.once('open', resolve).once('error', reject)
    client.once('unexpected-response', (_request: unknown, message: IncomingMessage) => {
      void refusal(what, message, ended).then(reject, reject)
    })
  })
  return socket
}

async function refusal(what: string, message: IncomingMessage, ended: () => Promise<void>): Promise<Error> {
  const { statusCode, headers } = message as IncomingMessage & { statusCode: number }
  const body = await buffer(message)
  await ended()
  return new ConnectionRefused(what, new TestResponse(statusCode, headers, body, []))
}

class ClientSocket implements TestWebSocket {
  response = new TestResponse(101, {}, Buffer.alloc(0), [])
  readonly #client: WebSocketClient
  readonly #requestEnded: () => Promise<void>
  readonly #closed: Promise<{ readonly code: number; readonly reason: string }>
  readonly #messages: (string | Buffer)[] = []
  #wake: (() => void) | undefined
  #isClosed = false

  constructor(client: WebSocketClient, requestEnded: () => Promise<void>) {
    this.#client = client
    this.#requestEnded = requestEnded
    client.on('upgrade', ({ headers }: { headers: IncomingHttpHeaders }) => {
      this.response = new TestResponse(101, headers, Buffer.alloc(0), [])
    })
    client.on('message', (data: Buffer, isBinary: boolean) => {
      this.#messages.push(isBinary ? data : data.toString())
      this.#wake?.()
    })
    this.#closed = new Promise(resolve => {
      client.on('close', (code: number, reason: Buffer) => {
        this.#isClosed = true
        this.#wake?.()
        resolve({ code, reason: reason.toString() })
      })
    })
    // A connection that breaks is closed with the code 1006.
    client.on('error', () => undefined)
  }

  get protocol(): string {
    return this.#client.protocol
  }

  send(message: string | Uint8Array): void {
    this.#client.send(message)
  }

  async receive(): Promise<string | Buffer | undefined> {
    while (this.#messages.length === 0 && !this.#isClosed) await new Promise<void>(resolve => (this.#wake = resolve))
    return this.#messages.shift()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer, void> {
    for (let message = await this.receive(); message !== undefined; message = await this.receive()) yield message
  }

  close(code = 1000, reason = '') {
    this.#client.close(code, reason)
    return this.ended()
  }

  terminate() {
    this.#client.terminate()
    return this.ended()
  }

  async ended() {
    const closing = await this.#closed
    await this.#requestEnded()
    return closing
  }
}
