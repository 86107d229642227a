/** How long a session lasts: milliseconds, or until the browser closes. */
export type Lifetime = number | 'session'

/** How long a permanent session lasts unless `maxAge` is a number: 31 days, Flask's default, in milliseconds. */
const PERMANENT_LIFETIME_MS = 31 * 24 * 60 * 60 * 1000

/** How long a session lasts at most if it has no lifetime of its own: Flask's `PERMANENT_SESSION_LIFETIME`. */
export const permanentLifetime = (configured: Lifetime): number =>
  configured === 'session' ? PERMANENT_LIFETIME_MS : configured

/** Whether a value is a positive number of milliseconds after which a JavaScript date is still valid. */
export const isMilliseconds = (value: unknown): boolean =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) < 1e15
