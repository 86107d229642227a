import type { IncomingHttpHeaders } from 'node:http'
import type Koa from 'koa'
import { describe } from '../errors/describe'
import { runtimeOf, runtimesOf } from '../request/runtime'
import type { Globals } from '../types'
import { ClientCookies } from './cookie-jar'

/** Values of a query by their names. A list repeats its name. */
export type Query = Readonly<Record<string, string | number | boolean | readonly (string | number | boolean)[]>>

/** Header fields by their names. */
export type RequestFields = Readonly<Record<string, string>>

/** What a client keeps from one request to the next, and what all of its requests have. */
export class ClientState {
  readonly base: URL
  readonly cookies: ClientCookies
  /** Whether requests reject with an error of the application. */
  readonly propagates: boolean
  /** `g` of the last request that has ended; `undefined` if it has reached no lifecycle. */
  lastG: Globals | undefined
  readonly #headers: RequestFields

  constructor(
    readonly app: Koa,
    { baseUrl, headers, propagates }: { baseUrl: string; headers: RequestFields; propagates: boolean | undefined },
  ) {
    this.base = new URL(baseUrl)
    this.cookies = new ClientCookies(this.base)
    this.propagates = propagates ?? runtimeOf(app)?.plan.settings.propagateExceptions ?? false
    this.#headers = headers
  }

  /** Runs the `@OnStart` methods, once. */
  async start(): Promise<void> {
    for (const { start } of runtimesOf(this.app)) await start.run(this.app)
  }

  /** @throws TypeError for a path that is no text, which names `where` */
  urlOf(path: string, query: Query = {}, where: string): URL {
    if (typeof (path as unknown) !== 'string')
      throw new TypeError(`${where}: the path must be a text, such as '/', not ${describe(path)}`)
    // A path may begin with two slashes; `new URL` alone would read a host from it.
    const url = new URL(path.startsWith('/') ? this.base.origin + path : path, this.base)
    for (const [name, value] of Object.entries(query)) {
      for (const each of [value].flat()) url.searchParams.append(name, String(each))
    }
    return url
  }

  /** The header fields of a request: its own replace those of the client. */
  headersFor(url: URL, own: RequestFields | undefined, type?: string): Record<string, string> {
    const cookie = this.cookies.headerFor(url)
    return {
      host: url.host,
      ...this.#headers,
      ...(cookie === '' ? {} : { cookie }),
      ...(type === undefined ? {} : { 'content-type': type }),
      ...own,
    }
  }

  /** Keeps the cookies of a response. */
  receive(headers: IncomingHttpHeaders, url: URL): void {
    for (const each of headers['set-cookie'] ?? []) this.cookies.receive(each, url)
  }
}
