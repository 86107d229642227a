import type { ServerResponse } from 'node:http'
import Cookies from 'cookies'
import type Koa from 'koa'
import { restoreSocket } from '../connection/socket'
import type { Context } from '../types'
import type { Reporter } from './interface'

export type Keys = readonly string[] | Koa['keys']

/** What all browsers keep of one cookie. They drop a larger one and say nothing. */
const MOST_BYTES = 4093

/**
 * `ctx.cookies` but for the session's own cookie, which has keys of its own. To read that changes nothing: what a session sends is
 * sent when it is saved.
 */
export class SessionCookies {
  /** Whether what was read is signed by a key that is no longer the first. */
  outdated = false
  /** Whether the client can do without what is set now: nothing is wrong if the headers are out. */
  optional = false
  readonly #ctx: Context
  readonly #keys: Keys | undefined
  readonly #name: string
  readonly #reporter: Reporter

  constructor(ctx: Context, keys: Keys | undefined, name: string, reporter: Reporter) {
    this.#ctx = ctx
    this.#keys = keys
    this.#name = name
    this.#reporter = reporter
  }

  get secure(): boolean {
    return this.#ctx.cookies.secure
  }

  get request(): Cookies['request'] {
    return this.#ctx.cookies.request
  }

  get response(): Cookies['response'] {
    return this.#ctx.cookies.response
  }

  get(name: string, options: Cookies.GetOption): string | undefined {
    if (name !== this.#name) return this.#ctx.cookies.get(name, options)
    const response = { getHeader: () => [], setHeader: () => (this.outdated = true) }
    return this.#cookies(response as unknown as ServerResponse).get(name, options)
  }

  set(name: string, value: string, options: Cookies.SetOption): this {
    if (name !== this.#name) this.#ctx.cookies.set(name, value, options)
    else if (!this.optional || !this.#ctx.headerSent) this.#setOwn(name, value, options)
    return this
  }

  #setOwn(name: string, value: string, options: Cookies.SetOption): void {
    const size = Buffer.byteLength(`${name}=${value}`)
    if (size > MOST_BYTES) this.#reporter.report(tooLarge(name, size))
    this.#cookies(this.#ctx.res).set(name, value, options)
  }

  #cookies(response: ServerResponse): Cookies {
    restoreSocket(this.#ctx)
    const { req, secure } = this.#ctx
    return new Cookies(req, response, { keys: this.#keys as string[], secure })
  }
}

const tooLarge = (name: string, size: number) =>
  new RangeError(
    `The session's cookie ${name} has ${size} bytes, and browsers drop one of more than ${MOST_BYTES}: what was written to the ` +
      'session is lost. Keep less in it, or its contents on the server: session: { store }.',
  )
