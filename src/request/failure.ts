/** The error of a request, and whether an error handler or an HTTP error's default page has answered it. */
export interface RequestFailure {
  readonly error: Error
  readonly handled: boolean
  /** Whether the page of the error was left to outer middleware, which may have answered in its place. */
  readonly isDeferred?: boolean
}
