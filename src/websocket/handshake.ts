import type { IncomingMessage } from 'node:http'
import createError from 'http-errors'
import type { WebSocket } from 'ws'
import { hasOwnHost } from '../connection/host'
import { describe } from '../errors/describe'
import type { Context } from '../types'
import { PROTOCOL, type Settings } from './options'
import { isHandshake, markUpgraded, upgradeRequestOf, type UpgradeRequest } from './upgrade-requests'
import type { loadWs } from './ws'

/** The keys of clients: 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/
/** The version of RFC 6455. Version 8 was the last draft, and is the same on the wire. */
const VERSION = /^(?:13|8)$/

/** The handshake of one web socket, with what was decided of it. */
export interface Handshake {
  readonly request: UpgradeRequest
  /** The subprotocol, empty if there is none. */
  readonly protocol: string
}

/**
 * Checks the handshake of a request.
 *
 * @throws an HTTP error: 426 for a request without one, 400 for one that is broken or speaks no subprotocol of the view, 403 for
 *   a page of another origin; an Error if the server of the request does not handle upgrades
 */
export function checkHandshake(ctx: Context, settings: Settings): Handshake {
  const request = upgradeRequestOf(ctx.req)
  if (request === undefined) throw notUpgraded(ctx)
  checkRequest(ctx)
  const { 'sec-websocket-key': key = '', 'sec-websocket-version': version = '' } = ctx.req.headers
  if (!VERSION.test(version))
    throw upgradeRequired(ctx, 'This server speaks version 13 of WebSocket', { 'Sec-WebSocket-Version': '13' })
  if (!KEY.test(key)) throw createError(400, 'The field Sec-WebSocket-Key is missing or broken')
  checkOrigin(ctx, settings)
  return { request, protocol: chosenProtocol(ctx.get('Sec-WebSocket-Protocol'), settings.protocols) }
}

/** Node's server refuses an ordinary request without a host, but not one that it gives away (RFC 6455, 4.2.1). */
function checkRequest({ req }: Context): void {
  const { httpVersion, headers } = req
  if (httpVersion === '1.0') throw createError(400, 'The handshake of a web socket needs HTTP/1.1')
  if ((headers.host ?? '') === '') throw createError(400, 'The handshake of a web socket needs the field Host')
}

/** An ordinary request to the URL of a web socket. One that wanted an upgrade means a mistake in the set-up of the server. */
function notUpgraded(ctx: Context): Error {
  if (!isHandshake(ctx.req)) return upgradeRequired(ctx, 'This URL is for web sockets', {})
  return new Error(
    `${ctx.path}: the server of this request passes no upgrades to the application, although webSockets() is among its extensions. ` +
      'Call handleUpgrades(server, app) of flaskoa/websocket for a server that app.listen has not made.',
  )
}

/** HTTP/2 has no upgrades, and Node warns of the field `Connection`. */
function upgradeRequired({ req }: Context, message: string, fields: Record<string, string>): Error {
  const upgrade = req.httpVersionMajor < 2 ? { Upgrade: 'websocket', Connection: 'Upgrade' } : {}
  return createError(426, message, { headers: { ...upgrade, ...fields } })
}

/** Browsers send cookies with a handshake that a page of any site begins, and let that page read the messages. */
function checkOrigin(ctx: Context, { origins }: Settings): void {
  const origin = originOf(ctx.req)
  if (origin === '' || origins === '*' || origins.includes(origin) || hasOwnHost(origin, ctx)) return
  throw createError(403, `Pages of ${describe(origin)} may not open this web socket`)
}

const originOf = ({ headers }: IncomingMessage): string =>
  String(headers.origin ?? headers['sec-websocket-origin'] ?? '')

/** The first one of the view's subprotocols that the client offers. Without any of its own the view has none to choose. */
function chosenProtocol(field: string, known: readonly string[] = []): string {
  const offered = field === '' ? [] : field.split(',').map(each => each.trim())
  const isGood = offered.every(each => PROTOCOL.test(each)) && new Set(offered).size === offered.length
  if (!isGood) throw createError(400, 'The field Sec-WebSocket-Protocol is broken')
  const chosen = known.find(each => offered.includes(each))
  if (chosen !== undefined) return chosen
  if (known.length === 0 || offered.length === 0) return ''
  throw createError(400, `This web socket speaks one of these subprotocols: ${known.join(', ')}`)
}

/** The fields of a response that its 101 does not have, or that the package ws writes. */
const NOT_IN_101 = /^(?:connection|upgrade|keep-alive|content-.*|transfer-encoding|trailer|sec-websocket-.*)$/i

/** Sends the 101, with the fields of the response, and gives the connection to a web socket. */
export function acceptHandshake(
  { request, protocol }: Handshake,
  { WebSocketServer }: ReturnType<typeof loadWs>,
  { maxMessageSize, closeTimeout }: Settings,
): WebSocket {
  const { req, res, socket, head } = request
  const server = new WebSocketServer({
    ...{ noServer: true, clientTracking: false, maxPayload: maxMessageSize, closeTimeout },
    handleProtocols: () => protocol !== '' && protocol,
  })
  server.on('headers', (lines: string[]) => {
    for (const name of res.getHeaderNames()) {
      if (NOT_IN_101.test(name)) continue
      for (const value of [res.getHeader(name)].flat()) lines.push(`${name}: ${String(value)}`)
    }
  })
  request.stopWatching()
  markUpgraded(res)
  let opened: WebSocket | undefined
  server.handleUpgrade(req, socket, head, socket => (opened = socket))
  // At once: all that ws refuses was refused before, and Koa sends nothing to a client that has disconnected.
  return opened as unknown as WebSocket
}
