import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect, createServer, type ClientHttp2Session, type Http2Server } from 'node:http2'
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
    const end = closed(server)
    server.closeAllConnections()
    await end
  }
}

/** The same over HTTP/2, with a client's session. */
export async function serveHttp2<T>(app: Koa, use: (session: ClientHttp2Session) => Promise<T>): Promise<T> {
  const handle = app.callback()
  const server = createServer((req, res) => void handle(req, res)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${portOf(server)}`)
  try {
    return await use(session)
  } finally {
    session.close()
    await closed(server)
  }
}

/** Closes a server whose connections end by themselves. */
async function closed(server: Server | Http2Server): Promise<void> {
  const end = once(server, 'close')
  server.close()
  await end
}
