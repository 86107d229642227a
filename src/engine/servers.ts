import type Koa from 'koa'

/** By server, whose own properties belong to Node. Weak: a server that is dropped takes its entry with it. */
const applications = new WeakMap<object, Koa>()

/** Notes the application whose `listen` made the server. */
export function registerServer(server: object, app: Koa): void {
  applications.set(server, app)
}

/** The application whose `listen` made the server. */
export const applicationOf = (server: object): Koa | undefined => applications.get(server)
