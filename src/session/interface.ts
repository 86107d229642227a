import type { Context, Session } from '../types'

/** A request's session: opened before all hooks, saved after them (docs/rules.md 13.1). */
export interface OpenSession {
  readonly data: Session
  save(ctx: Context): unknown
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
export const sharedSession = (data: Session): SessionInterface => ({
  open: () => ({ data, save: () => undefined }),
})
