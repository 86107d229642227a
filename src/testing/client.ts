import type Koa from 'koa'
import { ANYTHING, checkFunction, checkOptions, TRUE_OR_FALSE, type OptionKind } from '../errors/check-options'
import { describe } from '../errors/describe'
import { runtimeOf, runtimesOf } from '../request/runtime'
import type { Globals, Session, SessionData } from '../types'
import { ClientCookies, type CookieJar } from './cookie-jar'
import { dispatch } from './dispatch'
import { BODY, encodeBody, type RequestBody } from './request-body'
import { FIELDS, HTTP_URL, isHttp, VALUES } from './option-kinds'
import { TestResponse } from './response'
import { changeSession } from './session'

/** The options of `testClient`. */
export interface TestClientOptions {
  /**
   * Whether the request rejects with an error of the application's `error` event. Default: the application's setting.
   */
  propagateExceptions?: boolean
  /** The URL that paths are relative to. Default `http://localhost`. */
  baseUrl?: string
  /** Header fields to send with each request. */
  headers?: Readonly<Record<string, string>>
}

/** The options of one request. */
export interface RequestOptions extends RequestBody {
  /** Added to the query of the path. A list repeats its name. */
  query?: Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>
  /** Header fields of this request. */
  headers?: Readonly<Record<string, string>>
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
  const { baseUrl = 'http://localhost', headers: always = {} } = checkOptions(options, CLIENT_OPTIONS, 'testClient')
  if (!Array.isArray((app as Koa | undefined)?.middleware)) {
    throw new TypeError('testClient needs a Koa application, for instance what bootstrap(AppController) returns')
  }
  const runtime = runtimeOf(app)
  const start = async () => {
    for (const { start } of runtimesOf(app)) await start.run(app)
  }
  const propagates = options.propagateExceptions ?? runtime?.plan.settings.propagateExceptions ?? false
  const base = new URL(baseUrl)
  const cookies = new ClientCookies(base)
  let lastG: Globals | undefined

  async function sendOnce(method: string, url: URL, options: RequestOptions): Promise<TestResponse> {
    const cookie = cookies.headerFor(url)
    const { type, bytes } = await encodeBody(options)
    const request = {
      method,
      url,
      headers: {
        host: url.host,
        ...always,
        ...(cookie === '' ? {} : { cookie }),
        ...(type === undefined ? {} : { 'content-type': type }),
        ...options.headers,
      },
      body: bytes,
    }
    await start()
    const { status, headers: received, body } = await dispatch(app, request, propagates, g => (lastG = g))
    for (const each of [received['set-cookie'] ?? []].flat()) cookies.receive(each, url)
    return new TestResponse(status, received, body, [])
  }

  async function request(method: string, path: string, options: RequestOptions = {}): Promise<TestResponse> {
    if (typeof (method as unknown) !== 'string' || method === '')
      throw new TypeError(`client.request: the method must be a text, such as 'GET', not ${describe(method)}`)
    const where = `client.request('${method}', …)`
    if (typeof (path as unknown) !== 'string')
      throw new TypeError(`${where}: the path must be a text, such as '/', not ${describe(path)}`)
    checkOptions(options, REQUEST_OPTIONS, where)
    // A path may begin with two slashes; `new URL` alone would read a host from it.
    let url = withQuery(new URL(path.startsWith('/') ? base.origin + path : path, base), options.query)
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
    session: async change => {
      if (change !== undefined) checkFunction(change, 'client.session(session => (session.userId = 1))')
      await start()
      return changeSession(app, cookies, base, change)
    },
    get g() {
      if (lastG !== undefined) return lastG
      throw new Error('client.g: no request has been made, or the last one did not reach a lifecycle of flaskoa')
    },
    cookies,
    close: async () => runtime?.deferredTeardown?.flush(),
  }
}

/** Without what describes the body of the request before, as in browsers: the server would wait for that body. */
const withoutBodyFields = (headers: RequestOptions['headers'] = {}) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:content-|transfer-encoding$|expect$)/i.test(name)),
  )

/** The target of a redirect; undefined for other responses, and for a redirect without a `Location`. */
const targetOf = (response: TestResponse) => (REDIRECTS.has(response.status) ? response.header('location') : undefined)

function withQuery(url: URL, query: RequestOptions['query'] = {}): URL {
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat()) url.searchParams.append(name, String(each))
  }
  return url
}
