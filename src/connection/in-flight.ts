import type { IncomingMessage, Server } from 'node:http'
import type { Http2Server } from 'node:http2'
import type { Socket } from 'node:net'
import type Koa from 'koa'
import { Connection } from './connection'

/** By server, because a shutdown may be installed twice for one. */
const inFlight = new WeakMap<object, Set<unknown>>()

/** From now on the set has all requests of this server that are in a lifecycle, whatever application it is mounted in. */
export function watchRequests<T>(server: Server | Http2Server): Set<T> {
  const known = inFlight.get(server)
  if (known !== undefined) return known as Set<T>
  const requests = new Set<T>()
  inFlight.set(server, requests)
  const mark = (socket: Socket) => {
    Connection.of(socket).inFlight = requests
  }
  // By its connection: a request may come by events of other names.
  for (const name of ['connection', 'secureConnection']) server.prependListener(name, mark)
  // One that was there before.
  server.prependListener('request', ({ socket }: IncomingMessage) => mark(socket))
  return requests
}

/** Where the server of `ctx` keeps its requests, if `gracefulShutdown` watches it. */
export const inFlightOf = <T>({ req }: Koa.Context): Set<T> | undefined =>
  Connection.known(req.socket)?.inFlight as Set<T> | undefined
