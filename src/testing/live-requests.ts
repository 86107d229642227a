import type { IncomingMessage } from 'node:http'
import { checkOptions, TEXT, type OptionKind } from '../errors/check-options'
import { describe } from '../errors/describe'
import type { ClientState, Query, RequestFields } from './client-state'
import { follow, type RequestProgress } from './dispatch'
import { readEvents, type TestEventStream } from './event-stream'
import { FIELDS, TEXTS, VALUES } from './option-kinds'
import { beginRequest } from './send-request'
import { opened, openWebSocket, type TestWebSocket } from './web-socket'

/** The options of a request for a stream of events. */
export interface EventStreamRequest {
  /** Added to the query of the path. A list repeats its name. */
  query?: Query
  /** Header fields of this request. */
  headers?: RequestFields
  /** What a browser sends as `Last-Event-ID` when it connects again. */
  lastEventId?: string
}

/** The options of a request for a web socket. */
export interface WebSocketRequest {
  /** Added to the query of the path. A list repeats its name. */
  query?: Query
  /** Header fields of this request. Browsers also send `Origin`. */
  headers?: RequestFields
  /** The subprotocols that the client offers. */
  protocols?: readonly string[]
}

const EVENT_STREAM_OPTIONS: Readonly<Record<keyof EventStreamRequest, OptionKind>> = {
  query: VALUES,
  headers: FIELDS,
  lastEventId: TEXT,
}
const WEB_SOCKET_OPTIONS: Readonly<Record<keyof WebSocketRequest, OptionKind>> = {
  query: VALUES,
  headers: FIELDS,
  protocols: TEXTS,
}

/** Sends a request for events, and resolves when the head of its response is there. */
export async function requestEvents(
  client: ClientState,
  path: string,
  options: EventStreamRequest = {},
): Promise<TestEventStream> {
  const where = `client.eventStream(${describe(path)})`
  const { query, headers, lastEventId } = checkOptions(options, EVENT_STREAM_OPTIONS, where)
  const url = client.urlOf(path, query, where)
  const own = {
    accept: 'text/event-stream',
    ...(lastEventId !== undefined && { 'last-event-id': encoded(lastEventId) }),
  }
  await client.start()
  const { listener, progress } = follow(client.app)
  const ended = endOf(client, progress)
  const begun = await beginRequest(listener, { url, headers: client.headersFor(url, { ...own, ...headers }) })
  client.receive(begun.message.headers, url)
  return readEvents(where, begun, ended)
}

/** Sends the handshake of a web socket, and resolves when it is open. */
export async function requestWebSocket(
  client: ClientState,
  path: string,
  options: WebSocketRequest = {},
): Promise<TestWebSocket> {
  const where = `client.webSocket(${describe(path)})`
  const { query, headers, protocols = [] } = checkOptions(options, WEB_SOCKET_OPTIONS, where)
  const url = client.urlOf(path, query, where)
  await client.start()
  const { listener, progress } = follow(client.app)
  const socket = openWebSocket(client.app, listener, { url, headers: client.headersFor(url, headers), protocols })
  socket.once('upgrade', (response: IncomingMessage) => {
    client.receive(response.headers, url)
  })
  socket.once('unexpected-response', (_request: unknown, response: IncomingMessage) => {
    client.receive(response.headers, url)
  })
  return opened(where, socket, endOf(client, progress))
}

/** Browsers send an id in UTF-8. */
const encoded = (id: string): string => Buffer.from(id).toString('latin1')

/** Waits for the teardown of a request. */
const endOf = (client: ClientState, progress: RequestProgress) => async (): Promise<void> => {
  await progress.end()
  client.lastG = progress.g
  if (client.propagates && progress.failure !== undefined) throw progress.failure.error
}
