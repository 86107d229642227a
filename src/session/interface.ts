import type { Awaitable, Context, HttpError, Session } from '../types'

/** A request's session: opened before all hooks, saved after them (docs/rules.md 13.1). */
export interface OpenSession {
  readonly data: Session
  /** @returns the HTTP error that answers the request instead when the session refuses to be saved */
  save(ctx: Context): Awaitable<HttpError | undefined>
}

/** Who is told of an error that changes no response. */
export interface Reporter {
  report(error: Error): void
}

/** Where sessions come from: Flask's word for it. */
export interface SessionInterface {
  /** Reads what must be there before the first hook; a store is asked now, a cookie only when somebody looks. */
  open(ctx: Context, reporter: Reporter): OpenSession | Promise<OpenSession>
}

/** The session of a lifecycle around this one, which also saves it. */
export const sharedSession = (dataOf: () => Session): SessionInterface => ({
  open: () => ({ data: dataOf(), save: () => undefined }),
})
