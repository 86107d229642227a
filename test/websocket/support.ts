import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { WebSocket, type ClientOptions } from 'ws'
import {
  AfterRequest,
  AfterResponse,
  BeforeRequest,
  Get,
  TeardownRequest,
  bootstrap,
  type BootstrapOptions,
  type Context,
  type KoaResponse,
  type Outcome,
  type ResponseValue,
} from 'flaskoa'
import {
  webSocket,
  webSockets,
  type WebSocketHandler,
  type WebSocketOptions,
  type WebSocketsOptions,
} from 'flaskoa/websocket'
import { note } from '../support/log'
import { until } from '../support/until'

export interface Hooks {
  before?: (ctx: Context) => ResponseValue | undefined | void
  view?: (ctx: Context) => unknown
  after?: (response: KoaResponse, ctx: Context) => KoaResponse | Promise<KoaResponse>
}

/** How many requests have not ended. Otherwise the end of one would be in the log of the next test. */
let unended = 0
beforeEach(() => {
  unended = 0
})
afterEach(() => until('all requests have ended', () => unended === 0))

/** An application with a web socket at `/`, a page at `/page`, and the end of each request in the log. */
export function appOf(
  handler: WebSocketHandler,
  { before, view, after }: Hooks = {},
  { socket, all, ...options }: BootstrapOptions & { socket?: WebSocketOptions; all?: WebSocketsOptions } = {},
) {
  class App {
    @BeforeRequest() before(ctx: Context): ResponseValue | undefined {
      unended++
      return before?.(ctx) ?? undefined
    }
    @Get('/') async socket(ctx: Context) {
      await view?.(ctx)
      return webSocket(handler, socket)
    }
    @Get('/page') page() {
      return 'page'
    }
    @AfterRequest() async after(response: KoaResponse, ctx: Context) {
      return (await after?.(response, ctx)) ?? response
    }
    @TeardownRequest() teardown(error: Error | undefined) {
      note(`teardown ${error?.name ?? ''}`.trim())
    }
    @AfterResponse() outcome({ status, aborted, closeCode, error }: Outcome) {
      note(`${status} ${closeCode} ${aborted ? 'aborted' : 'whole'} ${error?.message ?? ''}`.trim())
      unended--
    }
  }
  return bootstrap(App, { logger: false, secretKey: 'k', extensions: [webSockets(all)], ...options })
}

/** Sends back each message. */
export const echo: WebSocketHandler = async socket => {
  for await (const message of socket) socket.send(message)
}

/** Opens a web socket over a real connection. `closed` is its code and reason. */
export async function open(url: string, options: ClientOptions & { protocols?: string[] } = {}) {
  const { protocols = [], ...others } = options
  const client = new WebSocket(url.replace(/^http/, 'ws'), protocols, others)
  const closed = once(client, 'close').then(([code, reason]) => [code as number, String(reason)] as const)
  await once(client, 'open')
  return { client, closed }
}

/** The ordinary answer to a handshake. */
export async function refused(url: string, options: ClientOptions & { protocols?: string[] } = {}) {
  const { protocols = [], ...others } = options
  const client = new WebSocket(url.replace(/^http/, 'ws'), protocols, others)
  const [, response] = (await once(client, 'unexpected-response')) as [unknown, IncomingMessage]
  const { statusCode: status, headers } = response
  return { status, headers, text: String(await buffer(response)) }
}

export const HANDSHAKE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
}

/** The text of a handshake. */
export const handshake = (path = '/', fields: Record<string, string> = HANDSHAKE): string =>
  [`GET ${path} HTTP/1.1`, 'Host: a', ...Object.entries(fields).map(each => each.join(': ')), '', ''].join('\r\n')

/** Sends a text over a connection on which the client reads nothing but what the test reads. */
export async function raw(url: string, bytes: string | Buffer = handshake()): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => undefined).write(bytes)
  return socket
}

/** Waits until the client has received the head of a response. */
export async function headOf(socket: Socket): Promise<string> {
  let text = ''
  while (!text.includes('\r\n\r\n')) text += String(((await once(socket, 'data')) as [Buffer])[0])
  return text
}
