import { once } from 'node:events'
import type { Server } from 'node:http'
import type Koa from 'koa'
import { gracefulShutdown } from '../shutdown/graceful-shutdown'

/** How a worker serves. */
export interface ServeSettings {
  readonly port: number
  readonly host: string | undefined
  /** Whether `X-Forwarded-*` fields are believed. */
  readonly trustProxy: boolean
  /** Of `gracefulShutdown`, in milliseconds. */
  readonly delay: number
  readonly timeout: number
  readonly grace?: number | undefined
}

/** Serves until a signal ends the process. Rejects if the server can't listen, or an `@OnStart` method has failed. */
export async function serveApp(app: Koa, settings: ServeSettings): Promise<never> {
  await listen(app, settings)
  return new Promise<never>(() => undefined)
}

/** Resolves when the server listens. Rejects as `serveApp` does. */
export async function listen(app: Koa, settings: ServeSettings): Promise<Server> {
  const { port, host, trustProxy, delay, timeout, grace } = settings
  if (trustProxy) app.proxy = true
  const server = app.listen({ port, ...(host !== undefined && { host }) })
  gracefulShutdown(server, { app, delay, timeout, grace })
  await once(server, 'listening')
  return server
}
