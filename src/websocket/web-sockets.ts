import type { Extension } from '../plan/extension'
import { checkApplicationOptions, type WebSocketsOptions } from './options'
import { WebSocketsExtension } from './web-sockets-extension'

/**
 * Makes the extension that lets views return `webSocket(…)`. The servers of `app.listen` pass it the handshakes; for a server of
 * your own call `handleUpgrades(server, app)`.
 *
 * @example bootstrap(App, { extensions: [webSockets({ origins: ['https://app.example'] })] })
 * @throws SetupError for wrong options, and if the package `ws` is not installed
 */
export function webSockets(options: WebSocketsOptions = {}): Extension {
  return new WebSocketsExtension(checkApplicationOptions(options))
}
