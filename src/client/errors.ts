/** The server could not be reached, or the connection broke before the end of the response. `cause` has the error of `fetch`. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'

  constructor(
    /** The request's HTTP method. */
    readonly method: string,
    /** The request's URL. */
    readonly url: string,
    cause: unknown,
  ) {
    super(`${method} ${url}: the server could not be reached, or the connection broke`, { cause })
  }
}

/** What is known of an unexpected response. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly response: Response
  readonly body: unknown
}

/** A response that the route does not declare, for instance a 500, or whose body is not what its `Content-Type` says. */
export class UnexpectedResponse extends Error {
  override readonly name = 'UnexpectedResponse'
  /** The request's HTTP method. */
  readonly method: string
  /** The request's URL. */
  readonly url: string
  readonly status: number
  readonly headers: Headers
  /** The document if it is JSON, a text, or a `Blob`. */
  readonly body: unknown

  constructor({ method, url, response, body }: Received, problem: string, options?: ErrorOptions) {
    super(`${method} ${url} was answered with ${response.status}${problem}`, options)
    this.method = method
    this.url = url
    this.status = response.status
    this.headers = response.headers
    this.body = body
  }
}
