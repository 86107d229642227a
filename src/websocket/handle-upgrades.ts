import type { IncomingMessage, RequestListener, Server } from 'node:http'
import type { Http2SecureServer } from 'node:http2'
import type { Duplex } from 'node:stream'
import type Koa from 'koa'
import { describe } from '../errors/describe'
import { isHandshake, receiveUpgrade } from './upgrade-requests'

/** A server of HTTP/1.1: of `node:http`, `node:https`, or of `node:http2` with `allowHTTP1`. */
export type UpgradeServer = Server | Http2SecureServer

/** The servers that have the listener, with their application. Weak, because a server belongs to Node. */
const prepared = new WeakMap<object, Koa>()

/**
 * Has a server of your own pass the handshakes of web sockets to an application. `app.listen` does this by itself.
 *
 * @example const server = createServer(keys, app.callback())
 * handleUpgrades(server, app)
 * @param server gets a listener for `upgrade`, once. It can't share these requests with another listener
 * @returns the server
 * @throws TypeError for what is no server or no application; an Error for a server that passes them to another application
 */
export function handleUpgrades<S extends UpgradeServer>(server: S, app: Koa): S {
  if (typeof (server as Server | undefined)?.on !== 'function')
    throw new TypeError(`handleUpgrades needs a server, such as createServer(app.callback()), not ${describe(server)}`)
  if (typeof (app as Koa | undefined)?.callback !== 'function')
    throw new TypeError(`handleUpgrades(server, app) needs a Koa application, not ${describe(app)}`)
  const known = prepared.get(server)
  if (known === app) return server
  if (known !== undefined)
    throw new Error(
      'handleUpgrades(server, app): this server passes the handshakes of web sockets to another application already. Mount both in ' +
        'one Koa application, and pass that one.',
    )
  prepared.set(server, app)
  // As with `createServer(app.callback())`: middleware that are added later are not called.
  const listener = app.callback() as unknown as RequestListener
  passUpgrades(server, listener)
  return server
}

/** The same with a listener for the requests. */
export function passUpgrades(server: UpgradeServer, listener: RequestListener): void {
  // Newer versions of Node ask for each request, and keep the others.
  if ('shouldUpgradeCallback' in server) server.shouldUpgradeCallback = isHandshake
  ;(server as Server).on('upgrade', (req, socket, head) => {
    if (isSending(socket)) socket.destroy()
    else if (isHandshake(req)) listener(req, receiveUpgrade(req, socket, head).res)
    else giveBack(server, req, socket, head)
  })
}

/** Whether the connection still sends the response to an earlier request. No client may send a handshake then. */
const isSending = (socket: Duplex & { readonly _httpMessage?: object | null }): boolean =>
  (socket._httpMessage ?? null) !== null

/**
 * Gives a request back to Node's server, without its wish for an upgrade. A server with a listener for `upgrade` gives all of
 * them away, also those of clients that offer HTTP/2 (`Upgrade: h2c`) in each request: such a request has an ordinary answer, and
 * may have a body.
 */
function giveBack(server: UpgradeServer, req: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = req
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name, value] = rawHeaders.slice(index, index + 2) as [string, string]
    if (/^upgrade$/i.test(name)) continue
    lines.push(`${name}: ${/^connection$/i.test(name) ? withoutUpgrade(value) : value}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  // Node documents this event as the way to give a connection to a server.
  const isSecure = (socket as { readonly encrypted?: boolean }).encrypted === true
  server.emit(isSecure ? 'secureConnection' : 'connection', socket)
}

/** The field `Connection` without what only belongs to an upgrade. */
const withoutUpgrade = (value: string): string =>
  value
    .split(',')
    .map(token => token.trim())
    .filter(token => !/^(?:upgrade|http2-settings)$/i.test(token))
    .join(', ')
