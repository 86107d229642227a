import type { TestResponse } from './response'

/** The application has given an ordinary answer where the test wanted a live connection. */
export class ConnectionRefused extends Error {
  override readonly name = 'ConnectionRefused'
  /** What it has answered. */
  readonly response: TestResponse

  constructor(what: string, response: TestResponse) {
    super(`${what} was answered with ${response.status}: ${response.text.slice(0, 200)}`)
    this.response = response
  }
}
