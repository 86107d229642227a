/** How long a session lasts: milliseconds, or until the browser closes. */
export type Lifetime = number | 'session'
