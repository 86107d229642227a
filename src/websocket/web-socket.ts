import { types } from 'node:util'
import createError from 'http-errors'
import { ResponseEnd } from '../connection/response-end'
import { checkFunction } from '../errors/check-options'
import type { Application } from '../events'
import { currentToAnswer } from '../request/current'
import type { RequestContext } from '../request/request-context'
import { runIn } from '../request/storage'
import type { KoaResponse } from '../types'
import { inThisScope } from '../util/async-scope'
import type { WebSocketHandler } from './connection'
import { acceptHandshake, checkHandshake, type Handshake } from './handshake'
import { checkViewOptions, resolveOptions, type Settings, type WebSocketOptions } from './options'
import { runHandler } from './run-handler'
import { ServerSocket } from './server-socket'
import { SocketBody, type Running } from './socket-body'
import { WebSocketsExtension } from './web-sockets-extension'

/**
 * Makes the response that opens a web socket, a 101: return it from a view for GET. The handler runs once the 101 is sent, after
 * all after methods, with `g`, `session` and `request`; what it writes to the session is lost, because the session is saved with
 * the 101. The connection is closed when the handler ends: with the code 1000 when it returns, with 1011 when it fails, and the
 * error is reported. A shutdown closes it with 1001. Teardown runs once, when the connection is closed and the handler has ended,
 * then `@AfterResponse` with `outcome.closeCode`.
 *
 * @example return webSocket(async socket => {
 *   for await (const message of socket) socket.send(message)
 * })
 * @returns Koa's `ctx.response`
 * @throws an HTTP error: 426 for a request that is no handshake, 403 for a page of another origin, 400 for a broken handshake and
 *   for one without a common subprotocol, 503 in a shutdown; TypeError for wrong arguments; an Error outside of a request and
 *   without the extension `webSockets()`
 */
export function webSocket(handler: WebSocketHandler, options: WebSocketOptions = {}): KoaResponse {
  checkFunction(handler, 'webSocket(async socket => { … })')
  if (types.isGeneratorFunction(handler))
    throw new TypeError(
      'webSocket(async socket => { … }): the handler is a generator, whose body would never run. Leave the * out.',
    )
  checkViewOptions(options)
  const request = currentToAnswer('webSocket()')
  const extension = extensionOf(request)
  const settings = resolveOptions(extension.settings, options)
  const handshake = checkHandshake(request.ctx, settings)
  if ((request.app as Application).shutdownSignal?.aborted === true) throw createError(503)
  const body = new SocketBody(inThisScope(() => handOver(request, extension, handshake, settings, handler)))
  request.holdUpgrade(body)
  const response = request.response.replace(body, undefined, {}, 'webSocket')
  response.status = 101
  response.remove('Content-Type')
  return response
}

function extensionOf({ plan }: RequestContext): WebSocketsExtension {
  const extension = plan.extensions.find(each => each instanceof WebSocketsExtension)
  if (extension !== undefined) return extension
  throw new Error(
    'webSocket() needs the extension webSockets(): bootstrap(App, { extensions: [webSockets()] }), from flaskoa/websocket.',
  )
}

/** Sends the 101 and starts the handler. */
function handOver(
  request: RequestContext,
  { ws }: WebSocketsExtension,
  handshake: Handshake,
  settings: Settings,
  handler: WebSocketHandler,
): Running {
  const socket = new ServerSocket(acceptHandshake(handshake, ws, settings), settings)
  // By ws, and not by the response: a session learns by this that the client has its new key.
  ResponseEnd.of(request.ctx).headWritten()
  const inRequest = () => runIn(request, handler, socket)
  return {
    ended: runHandler(inRequest, socket, request, settings.closeTimeout),
    breakOff: () => {
      socket.terminate()
    },
  }
}
