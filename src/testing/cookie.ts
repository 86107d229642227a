/** How long a cookie is kept, and which requests it is sent with. */
export interface CookieAttributes {
  /**
   * The host to send the cookie to. With a dot in front, as in `.example.com`, its subdomains get the cookie too.
   * Default: the host of the client's `baseUrl`.
   */
  readonly domain?: string
  /** The path to send the cookie to, and everything below it. Default `/`. */
  readonly path?: string
  /** When the cookie expires. Default: never. */
  readonly expires?: Date | undefined
  /** Whether the cookie is sent over https only. As in Chrome and Firefox, `http://localhost` counts as https. Default false. */
  readonly secure?: boolean
  /** Has no effect, but can be asserted. Default false. */
  readonly httpOnly?: boolean
  /** Has no effect, but can be asserted. */
  readonly sameSite?: string | undefined
}

/** A cookie that a client keeps. */
export interface TestCookie extends CookieAttributes {
  readonly name: string
  /** The text in the header: not decoded, and with its quotes. */
  readonly value: string
  readonly domain: string
  readonly path: string
  readonly secure: boolean
  readonly httpOnly: boolean
}
