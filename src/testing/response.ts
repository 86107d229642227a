import type { OutgoingHttpHeaders } from 'node:http'

/** A response of the application. */
export class TestResponse {
  /** The header fields, with lower-case names. `set-cookie` may be a list. */
  readonly headers: Readonly<OutgoingHttpHeaders>

  constructor(
    readonly status: number,
    headers: OutgoingHttpHeaders,
    /** The bytes of the body. */
    readonly body: Buffer,
    /** The URLs of the followed redirects; the last one sent this response. Empty without `followRedirects`. */
    readonly redirects: readonly string[],
  ) {
    this.headers = headers
  }

  /** The body as UTF-8 text. */
  get text(): string {
    return this.body.toString()
  }

  /** The body parsed as JSON. Throws a SyntaxError with the start of the body if the body is not JSON. */
  json<T = unknown>(): T {
    try {
      return JSON.parse(this.text) as T
    } catch (cause) {
      throw new SyntaxError(`the body of the ${this.status} response is not JSON: ${this.text.slice(0, 200)}`, {
        cause,
      })
    }
  }

  /** A header field as one text; `undefined` if the response does not have it. */
  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()]
    return Array.isArray(value) ? value.join(', ') : value === undefined ? undefined : String(value)
  }
}
