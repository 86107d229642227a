import type { IncomingMessage, Server } from 'node:http'
import type { Http2Server } from 'node:http2'
import type Koa from 'koa'

const UNDERWAY = Symbol('flaskoa:underway')
type Counted = IncomingMessage & { [UNDERWAY]?: Set<unknown> }

const servers = new WeakMap<object, Set<unknown>>()

/** From now on the set has all requests of this server that are in a lifecycle, whatever application it is mounted in. */
export function watchRequests<T>(server: Server | Http2Server): Set<T> {
  const known = servers.get(server)
  if (known !== undefined) return known as Set<T>
  const underway = new Set<T>()
  servers.set(server, underway)
  server.prependListener('request', (req: Counted) => {
    req[UNDERWAY] = underway
  })
  return underway
}

/** Where the server of `ctx` wants its requests to be, if anybody has asked. */
export const underwayOf = <T>({ req }: Koa.Context): Set<T> | undefined => (req as Counted)[UNDERWAY] as Set<T>
