import type { IncomingMessage, Server } from 'node:http'
import type { Http2Server } from 'node:http2'
import type { Socket } from 'node:net'
import type Koa from 'koa'

const UNDERWAY = Symbol('flaskoa:underway')
type Watched = Socket & { [UNDERWAY]?: Set<unknown> }

const servers = new WeakMap<object, Set<unknown>>()

/** From now on the set has all requests of this server that are in a lifecycle, whatever application it is mounted in. */
export function watchRequests<T>(server: Server | Http2Server): Set<T> {
  const known = servers.get(server)
  if (known !== undefined) return known as Set<T>
  const underway = new Set<T>()
  servers.set(server, underway)
  const mark = (socket: Watched) => {
    socket[UNDERWAY] = underway
  }
  // By its connection: a request may come by events of other names.
  for (const name of ['connection', 'secureConnection']) server.prependListener(name, mark)
  // One that was there before.
  server.prependListener('request', ({ socket }: IncomingMessage) => mark(socket))
  return underway
}

/** Where the server of `ctx` wants its requests to be, if anybody has asked. */
export const inFlightOf = <T>({ req }: Koa.Context): Set<T> | undefined =>
  (req.socket as Watched | null)?.[UNDERWAY] as Set<T> | undefined
