/** What went wrong in a request, and whether an error handler or the page of an HTTP error has answered it. */
export interface Failure {
  readonly error: Error
  readonly handled: boolean
}
