import type { IncomingMessage, Server } from 'node:http'
import type { Http2Server } from 'node:http2'
import type { Socket } from 'node:net'
import type Koa from 'koa'
import { Connection } from './connection'
import { isHttp2Response } from './http2-response'

/** The requests in flight of each watched server. Weak, and by server, because a shutdown may be installed twice for one server. */
const requestsByServer = new WeakMap<object, Set<unknown>>()

/** Returns a set that from now on has all requests of this server that are in a lifecycle, of any application mounted in it. */
export function watchRequests<T>(server: Server | Http2Server): Set<T> {
  const existing = requestsByServer.get(server)
  if (existing !== undefined) return existing as Set<T>
  const requests = new Set<T>()
  requestsByServer.set(server, requests)
  const mark = (socket: Socket) => {
    Connection.of(socket).inFlight = requests
  }
  // On the connection, because requests may arrive by other events ('checkContinue', for instance).
  for (const name of ['connection', 'secureConnection']) server.prependListener(name, mark)
  // For connections that were opened before.
  server.prependListener('request', ({ socket }: IncomingMessage) => mark(socket))
  return requests
}

/** The requests in flight of the server of `ctx`, if `gracefulShutdown` watches it. */
export const inFlightOf = <T>({ req, res }: Koa.Context): Set<T> | undefined =>
  // For each HTTP/2 request Node makes a proxy of the socket (1 %), for a session one for all its requests.
  Connection.existing(isHttp2Response(res) ? res.stream.session?.socket : req.socket)?.inFlight as Set<T> | undefined
