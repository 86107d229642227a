import type { OutgoingHttpHeaders } from 'node:http'

/** What the application answered. */
export class TestResponse {
  /** Lower-case names; `set-cookie` may be a list. */
  readonly headers: Readonly<OutgoingHttpHeaders>

  constructor(
    readonly status: number,
    headers: OutgoingHttpHeaders,
    /** The body's bytes. */
    readonly body: Buffer,
    /** The URLs that redirects led through, the last being the one that answered; empty without `followRedirects`. */
    readonly redirects: readonly string[],
  ) {
    this.headers = headers
  }

  /** The body as UTF-8 text. */
  get text(): string {
    return this.body.toString()
  }

  /** The body as JSON. Throws a SyntaxError, with the start of the body, when it is none. */
  json<T = unknown>(): T {
    try {
      return JSON.parse(this.text) as T
    } catch (cause) {
      throw new SyntaxError(`the ${this.status} response is no JSON: ${this.text.slice(0, 200)}`, { cause })
    }
  }

  /** A header as one text; `undefined` when it is absent. */
  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()]
    return Array.isArray(value) ? value.join(', ') : value === undefined ? undefined : String(value)
  }
}
