import {
  createServer,
  request as clientRequest,
  ServerResponse,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from 'node:http'
import { buffer } from 'node:stream/consumers'
import { MemorySocket } from './memory-socket'

/** A request as it is sent. */
export interface SentRequest {
  readonly method?: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
}

/** A response as it was received. */
export interface ReceivedResponse {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Closes the connection after the response: the client would wait for a body that is shorter than `Content-Length` says. */
class LastResponse extends ServerResponse {
  override emit(name: string, ...args: unknown[]): boolean {
    const { socket } = this // Node takes the socket away from a finished response.
    const isHeard = super.emit(name, ...args)
    if (name === 'finish') socket?.end()
    return isHeard
  }
}

/** A response whose head was received. */
export interface BegunResponse {
  readonly message: IncomingMessage
  /** Resolves when the server's end of the connection is closed. */
  readonly closed: Promise<unknown>
}

/**
 * Sends one request with Node's HTTP client to Node's HTTP server, over a connection in memory. Rejects when the connection
 * breaks before the head of the response.
 */
export async function beginRequest(listener: RequestListener, request: SentRequest): Promise<BegunResponse> {
  const [socket, serverSocket] = MemorySocket.pair(request.url.protocol === 'https:')
  createServer({ ServerResponse: LastResponse, keepAliveTimeout: 0 }, listener).emit('connection', serverSocket)
  const closed = new Promise(resolve => serverSocket.once('close', resolve))
  return { message: await responseTo(request, socket), closed }
}

/** The same, for the whole response. Rejects when the connection breaks before its end. */
export async function sendRequest(listener: RequestListener, request: SentRequest): Promise<ReceivedResponse> {
  const { message, closed } = await beginRequest(listener, request)
  const body = await buffer(message)
  await closed
  return { status: message.statusCode as number, headers: message.headers, body }
}

function responseTo({ method = 'GET', url, headers, body }: SentRequest, socket: MemorySocket) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    const sent = clientRequest({ createConnection: () => socket, method, path: url.pathname + url.search })
    sent.on('error', reject)
    sent.on('response', resolve)
    // The application gets the fields that were given: Node adds its own first, and would send a head with Expect at once.
    sent.removeHeader('Connection')
    for (const [name, value] of Object.entries(headers)) sent.setHeader(name, value)
    // Node sends no length of its own with the body of a GET.
    if (body !== undefined && !sent.hasHeader('Content-Length'))
      sent.setHeader('Content-Length', Buffer.byteLength(body))
    sent.end(body)
  })
}
