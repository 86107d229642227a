import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Http2SecureServer, Http2Server } from 'node:http2'
import { describe } from '../errors/describe'
import { isHttp2 } from './http2'

/** The servers that have the listener. Weak, because a server belongs to Node. */
const prepared = new WeakSet<object>()

/**
 * Has a server answer `Expect: 100-continue` when code first reads the request's body, and not before: a client that waits
 * for that answer sends no body for a request that is refused. Node itself answers at once. The servers of `app.listen` have
 * this already.
 *
 * @example const server = continueOnRead(createSecureServer(keys, app.callback()))
 */
export function continueOnRead<S extends Server | Http2Server | Http2SecureServer>(server: S): S {
  if (typeof (server as Server | undefined)?.on !== 'function')
    throw new TypeError(`continueOnRead needs a server, such as createServer(app.callback()), not ${describe(server)}`)
  if (prepared.has(server)) return server
  prepared.add(server)
  ;(server as Server).on('checkContinue', (req, res) => {
    // Another listener answers by itself.
    if (server.listenerCount('checkContinue') > 1) return
    answerOnRead(req, res)
    server.emit('request', req, res)
  })
  return server
}

function answerOnRead(req: IncomingMessage, res: ServerResponse): void {
  const isOnHttp1 = !isHttp2(req)
  const { shouldKeepAlive } = res
  // A client that was not asked for the body may send it or not: what comes next could be either it or another request.
  if (isOnHttp1) res.shouldKeepAlive = false
  // Whatever reads the stream calls this method: listeners for 'data' and 'readable', pipes, iterators.
  req.read = size => {
    Reflect.deleteProperty(req, 'read')
    if (!res.headersSent && !res.writableEnded && !res.destroyed) {
      if (isOnHttp1) res.shouldKeepAlive = shouldKeepAlive
      res.writeContinue()
    }
    return req.read(size) as unknown
  }
}
