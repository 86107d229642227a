import type { RequestListener, Server } from 'node:http'
import type Koa from 'koa'
import type { Extension } from '../plan/extension'
import { WEB_SOCKETS } from '../request/upgrade'
import { handleUpgrades, passUpgrades } from './handle-upgrades'
import type { WebSocketsOptions } from './options'
import { loadWs } from './ws'

/** The extension that `webSockets` makes. */
export class WebSocketsExtension implements Extension {
  readonly name = 'webSockets'
  /** The package. */
  readonly ws: ReturnType<typeof loadWs> = loadWs()

  /** @throws SetupError if ws is not installed */
  constructor(readonly settings: WebSocketsOptions) {}

  /** Has the servers of `app.listen` pass handshakes to the application. */
  attach(app: Koa): void {
    const listen = app.listen.bind(app) as (...args: unknown[]) => Server
    app.listen = (...args: unknown[]) => handleUpgrades(listen(...args), app)
  }

  /** For the test client, which brings its own server and listener. */
  [WEB_SOCKETS](server: Server, listener: RequestListener): object {
    passUpgrades(server, listener)
    return this.ws.WebSocket
  }
}
