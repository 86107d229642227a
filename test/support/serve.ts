import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type Koa from 'koa'

export const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

/** Serves an application on a free port of 127.0.0.1 while `use` runs, and closes the server after it. */
export async function serve<T>(app: Koa, use: (url: string) => Promise<T>): Promise<T> {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(`http://127.0.0.1:${portOf(server)}`)
  } finally {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
}
