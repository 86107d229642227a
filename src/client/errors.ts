/** The server could not be reached, or the connection broke before the end of the response. `cause` says why. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

/** A response that the route does not declare, for instance a 500, or of a proxy. */
export class UnexpectedResponse extends Error {
  override readonly name = 'UnexpectedResponse'

  /** @param data the body: the document if it is JSON, else text */
  constructor(
    readonly status: number,
    readonly data: unknown,
    readonly response: Response,
  ) {
    super(`${response.url === '' ? 'the server' : response.url} answered ${status}, which the route does not declare`)
  }
}
