import type Koa from 'koa'
import { ANYTHING, checkFunction, checkOptions, TRUE_OR_FALSE, type OptionKind } from '../errors/check-options'
import { describe } from '../errors/describe'
import { runtimeOf } from '../request/runtime'
import type { Globals, Session, SessionData } from '../types'
import { ClientState, type Query, type RequestFields } from './client-state'
import type { CookieJar } from './cookie-jar'
import { dispatch } from './dispatch'
import type { TestEventStream } from './event-stream'
import { requestEvents, requestWebSocket, type EventStreamRequest, type WebSocketRequest } from './live-requests'
import { BODY, encodeBody, type RequestBody } from './request-body'
import { FIELDS, HTTP_URL, isHttp, VALUES } from './option-kinds'
import { TestResponse } from './response'
import { changeSession } from './session'
import type { TestWebSocket } from './web-socket'

/** The options of `testClient`. */
export interface TestClientOptions {
  /**
   * Whether the request rejects with an error of the application's `error` event. Default: the application's setting.
   */
  propagateExceptions?: boolean
  /** The URL that paths are relative to. Default `http://localhost`. */
  baseUrl?: string
  /** Header fields to send with each request. */
  headers?: RequestFields
}

/** The options of one request. */
export interface RequestOptions extends RequestBody {
  /** Added to the query of the path. A list repeats its name. */
  query?: Query
  /** Header fields of this request. */
  headers?: RequestFields
  /** Whether to follow redirects, at most 20. Default false. */
  followRedirects?: boolean
}

type Send = (path: string, options?: RequestOptions) => Promise<TestResponse>

/** A client for tests that keeps cookies from one request to the next, as browsers do. */
export interface TestClient {
  readonly get: Send
  readonly post: Send
  readonly put: Send
  readonly patch: Send
  readonly delete: Send
  readonly head: Send
  readonly options: Send
  /** Rejects when the connection breaks, or with the application's error if exceptions propagate. */
  request(method: string, path: string, options?: RequestOptions): Promise<TestResponse>
  /**
   * Opens a stream of server-sent events, and reads it while it is open. Rejects with a ConnectionRefused, which has the response, if
   * the answer is no such stream.
   */
  eventStream(path: string, options?: EventStreamRequest): Promise<TestEventStream>
  /** Opens a web socket. Rejects with a ConnectionRefused, which has the response, if the answer is no 101. */
  webSocket(path: string, options?: WebSocketRequest): Promise<TestWebSocket>
  /** Returns the session that the next request will have. `change` may write to it first. */
  session(change?: (session: Session) => unknown): Promise<SessionData>
  /**
   * `g` of the client's last request that has ended, also one that was rejected. Throws before the first request, and after
   * one that did not reach a lifecycle of flaskoa.
   */
  readonly g: Globals
  /** The cookies that responses have set, and that the next requests send. */
  readonly cookies: CookieJar
  /** Runs a teardown that debug mode has deferred. */
  close(): Promise<void>
}

const CLIENT_OPTIONS: Readonly<Record<keyof TestClientOptions, OptionKind>> = {
  propagateExceptions: TRUE_OR_FALSE,
  baseUrl: HTTP_URL,
  headers: FIELDS,
}
const REQUEST_OPTIONS: Readonly<Record<keyof RequestOptions, OptionKind>> = {
  json: ANYTHING,
  form: VALUES,
  body: BODY,
  query: VALUES,
  headers: FIELDS,
  followRedirects: TRUE_OR_FALSE,
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * Makes requests to a Koa application without sockets.
 *
 * @param app an application from `bootstrap`, or a Koa application that uses `lifecycle(...)`
 */
export function testClient(app: Koa, options: TestClientOptions = {}): TestClient {
  const { baseUrl = 'http://localhost', headers = {} } = checkOptions(options, CLIENT_OPTIONS, 'testClient')
  if (!Array.isArray((app as Koa | undefined)?.middleware)) {
    throw new TypeError('testClient needs a Koa application, for instance what bootstrap(AppController) returns')
  }
  const client = new ClientState(app, { baseUrl, headers, propagates: options.propagateExceptions })
  const { cookies } = client

  async function sendOnce(method: string, url: URL, options: RequestOptions): Promise<TestResponse> {
    const { type, bytes } = await encodeBody(options)
    const request = { method, url, headers: client.headersFor(url, options.headers, type), body: bytes }
    await client.start()
    const { propagates } = client
    const { status, headers: received, body } = await dispatch(app, request, propagates, g => (client.lastG = g))
    client.receive(received, url)
    return new TestResponse(status, received, body, [])
  }

  async function request(method: string, path: string, options: RequestOptions = {}): Promise<TestResponse> {
    if (typeof (method as unknown) !== 'string' || method === '')
      throw new TypeError(`client.request: the method must be a text, such as 'GET', not ${describe(method)}`)
    const where = `client.request('${method}', …)`
    let url = client.urlOf(path, checkOptions(options, REQUEST_OPTIONS, where).query, where)
    let response = await sendOnce(method, url, options)
    const redirects: string[] = []
    for (let to = targetOf(response); options.followRedirects === true && to !== undefined; to = targetOf(response)) {
      if (redirects.length === 20) throw new Error(`more than 20 redirects: ${redirects.slice(-3).join(' → ')}`)
      url = new URL(to, url)
      if (!isHttp(url)) throw new Error(`the redirect to ${to} can't be followed: it is no http or https URL`)
      redirects.push(url.href)
      // As in browsers, only 307 and 308 repeat the method and the body.
      const repeats = response.status >= 307 || method === 'GET' || method === 'HEAD'
      if (!repeats) method = 'GET'
      response = await sendOnce(method, url, repeats ? options : { headers: withoutBodyFields(options.headers) })
    }
    return new TestResponse(response.status, response.headers, response.body, redirects)
  }

  const verb =
    (method: string): Send =>
    (path, options) =>
      request(method, path, options)
  return {
    get: verb('GET'),
    post: verb('POST'),
    put: verb('PUT'),
    patch: verb('PATCH'),
    delete: verb('DELETE'),
    head: verb('HEAD'),
    options: verb('OPTIONS'),
    request,
    eventStream: (path, options) => requestEvents(client, path, options),
    webSocket: (path, options) => requestWebSocket(client, path, options),
    session: async change => {
      if (change !== undefined) checkFunction(change, 'client.session(session => (session.userId = 1))')
      await client.start()
      return changeSession(app, cookies, client.base, change)
    },
    get g() {
      if (client.lastG !== undefined) return client.lastG
      throw new Error('client.g: no request has been made, or the last one did not reach a lifecycle of flaskoa')
    },
    cookies,
    close: async () => runtimeOf(app)?.deferredTeardown?.flush(),
  }
}

/** Without what describes the body of the request before, as in browsers: the server would wait for that body. */
const withoutBodyFields = (headers: RequestOptions['headers'] = {}) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:content-|transfer-encoding$|expect$)/i.test(name)),
  )

/** The target of a redirect; undefined for other responses, and for a redirect without a `Location`. */
const targetOf = (response: TestResponse) => (REDIRECTS.has(response.status) ? response.header('location') : undefined)
