import type { Awaitable, Context, HttpError, Session } from '../types'

/** A request's session: opened before all hooks, saved after them [13.1]. */
export interface OpenSession {
  readonly data: Session
  /** @returns the HTTP error that answers the request instead, if the session can't be saved */
  save(ctx: Context): Awaitable<HttpError | undefined>
}

/** Reports an error that does not change the response. */
export interface Reporter {
  /** Whether the request has ended, so that its session is not saved any more. */
  readonly isOver?: boolean
  report(error: Error): void
}

/** Opens the sessions of requests; `SessionInterface` is Flask's name for it. */
export interface SessionInterface {
  /** Reads a store now, before the first hook; a cookie is read when the session is first used. */
  open(ctx: Context, reporter: Reporter): OpenSession | Promise<OpenSession>
}

/** The session of an outer lifecycle, which also saves it. */
export const sharedSession = (dataOf: () => Session): SessionInterface => ({
  open: () => ({ data: dataOf(), save: () => undefined }),
})
