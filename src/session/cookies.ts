import type { ServerResponse } from 'node:http'
import Cookies from 'cookies'
import { restoreSocket } from '../connection/socket'
import type { Context } from '../types'
import type { CookieSigner } from './cookie-signer'
import { headersAlreadySent } from './failures'
import type { Reporter } from './interface'

/** The size up to which all browsers keep a cookie. They silently drop a larger one. */
const MAX_COOKIE_BYTES = 4093

/**
 * `ctx.cookies`, except for the session's own cookie, which has its own keys. Reading that cookie sends nothing: only saving
 * the session does.
 */
export class SessionCookies {
  /** Whether the cookie that was read is signed by a key that is no longer the first. */
  outdated = false
  /** Whether the client can do without the cookie that is set next: it is left out if the headers are already sent. */
  optional = false
  readonly #ctx: Context
  readonly #signer: CookieSigner | undefined
  readonly #name: string
  readonly #reporter: Reporter
  readonly #warnOfHttp: () => void

  /** @param warnOfHttp is called when the session's cookie is sent over plain http */
  constructor(
    ctx: Context,
    signer: CookieSigner | undefined,
    name: string,
    reporter: Reporter,
    warnOfHttp: () => void,
  ) {
    this.#ctx = ctx
    this.#signer = signer
    this.#name = name
    this.#reporter = reporter
    this.#warnOfHttp = warnOfHttp
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
    return this.#cookies(response as unknown as ServerResponse, false).get(name, options)
  }

  set(name: string, value: string, options: Cookies.SetOption): this {
    if (name !== this.#name) this.#ctx.cookies.set(name, value, options)
    else if (!this.optional || !this.#ctx.headerSent) this.#setOwn(name, value, options)
    return this
  }

  #setOwn(name: string, value: string, options: Cookies.SetOption): void {
    if (this.#ctx.headerSent) throw headersAlreadySent('cookie')
    const size = Buffer.byteLength(`${name}=${value}`)
    if (size > MAX_COOKIE_BYTES) this.#reporter.report(cookieTooLarge(name, size))
    // Sent as the option says, as in Flask: over plain http `Cookies` would throw, and each write would be a 500.
    const cookies = this.#cookies(this.#ctx.res, options.secure === true)
    if (!this.#ctx.secure) this.#warnOfHttp()
    cookies.set(name, value, options)
  }

  #cookies(response: ServerResponse, mustBeSecure: boolean): Cookies {
    restoreSocket(this.#ctx)
    const { req, secure } = this.#ctx
    return new Cookies(req, response, { keys: this.#signer as Cookies.Option['keys'], secure: secure || mustBeSecure })
  }
}

const cookieTooLarge = (name: string, size: number) =>
  new RangeError(
    `The session cookie ${name} has ${size} bytes, but browsers drop cookies of more than ${MAX_COOKIE_BYTES} bytes: what was ` +
      'written to the session is lost. Keep less in the session, or keep its contents on the server: session: { store }.',
  )
