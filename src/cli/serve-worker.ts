import { once } from 'node:events'
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
}

/** Serves until a signal ends the process. Rejects if the server can't listen, or an `@OnStart` method has failed. */
export async function serveApp(app: Koa, { port, host, trustProxy, delay, timeout }: ServeSettings): Promise<never> {
  if (trustProxy) app.proxy = true
  const server = app.listen({ port, ...(host !== undefined && { host }) })
  gracefulShutdown(server, { app, delay, timeout })
  await once(server, 'listening')
  return new Promise<never>(() => undefined)
}
