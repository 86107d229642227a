import { types } from 'node:util'
import { checkOptions, TEXT, TRUE_OR_FALSE, type OptionKind } from '../errors/check-options'
import { describe } from '../errors/describe'
import { isRecord } from '../util/is-record'
import type { CookieAttributes, TestCookie } from './cookie'
import { cookieFrom, isOver, isSentTo } from './cookie-rules'

/** A client's cookies. Iteration has the order in which they are sent: longer paths first, then older cookies. */
export interface CookieJar extends Iterable<TestCookie> {
  /** The cookie of this name. If there are several, the one that is sent first. */
  get(name: string): TestCookie | undefined
  /** Adds a cookie, or replaces the one with the same name, domain and path. The value is sent as it is. */
  set(name: string, value: string, attributes?: CookieAttributes): void
  /** Removes each cookie of this name. Returns whether there was one. */
  delete(name: string): boolean
  /** Removes all cookies. */
  clear(): void
}

const ATTRIBUTES: Readonly<Record<keyof CookieAttributes, OptionKind>> = {
  domain: { expected: 'the name of a host', fits: value => typeof value === 'string' && /^[^\s;/]+$/.test(value) },
  path: { expected: "a path that begins with '/'", fits: value => typeof value === 'string' && value.startsWith('/') },
  expires: { expected: 'a valid Date', fits: value => types.isDate(value) && !Number.isNaN(value.getTime()) },
  secure: TRUE_OR_FALSE,
  httpOnly: TRUE_OR_FALSE,
  sameSite: TEXT,
}

/** The cookie jar, with two more methods for the client: `receive` for responses and `headerFor` for requests. */
export class ClientCookies implements CookieJar {
  /** In the order of creation: a Map keeps an entry's place when its value is replaced. */
  readonly #cookies = new Map<string, TestCookie>()
  readonly #host: string

  constructor(baseUrl: URL) {
    this.#host = baseUrl.hostname
  }

  get(name: string): TestCookie | undefined {
    return [...this].find(cookie => cookie.name === name)
  }

  set(name: string, value: string, attributes: CookieAttributes = {}): void {
    const where = `client.cookies.set(${describe(name)}, …)`
    if (typeof name !== 'string' || !/^[^\s=;]+$/.test(name))
      throw new TypeError(`a cookie cannot be named ${describe(name)}`)
    if (typeof value !== 'string' || /[;\r\n]/.test(value))
      throw new TypeError(`a cookie cannot have the value ${describe(value)}`)
    if (!isRecord(attributes))
      throw new TypeError(`${where}: the attributes must be an object, not ${describe(attributes)}`)
    // The attributes may be a cookie of another client.
    const { name: _, value: __, ...others } = attributes as CookieAttributes & Partial<TestCookie>
    const given = Object.entries(checkOptions(others, ATTRIBUTES, where)).filter(([, each]) => each !== undefined)
    const defaults = { domain: this.#host, path: '/', secure: false, httpOnly: false }
    this.#keep({ ...defaults, ...Object.fromEntries(given), name, value })
  }

  delete(name: string): boolean {
    const isKept = this.get(name) !== undefined
    for (const [key, cookie] of this.#cookies) if (cookie.name === name) this.#cookies.delete(key)
    return isKept
  }

  clear(): void {
    this.#cookies.clear()
  }

  *[Symbol.iterator](): Iterator<TestCookie> {
    for (const [key, cookie] of this.#cookies) if (isOver(cookie)) this.#cookies.delete(key)
    // Sorting is stable: cookies with paths of one length stay in the order of creation.
    yield* [...this.#cookies.values()].sort((a, b) => b.path.length - a.path.length)
  }

  /** Keeps the cookie of a `Set-Cookie` field. Returns false for one that a browser would refuse. */
  receive(setCookie: string, url: URL): boolean {
    const cookie = cookieFrom(setCookie, url)
    if (cookie !== undefined) this.#keep(cookie)
    return cookie !== undefined
  }

  /** The `Cookie` field of a request to this URL; empty if no cookie is sent to it. */
  headerFor(url: URL): string {
    const sent = [...this].filter(cookie => isSentTo(cookie, url))
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ')
  }

  #keep(cookie: TestCookie): void {
    const key = `${cookie.domain};${cookie.path};${cookie.name}`
    if (isOver(cookie)) this.#cookies.delete(key)
    else this.#cookies.set(key, cookie)
  }
}
