import type * as Ws from 'ws'
import { SetupError } from '../errors/setup-error'

/** Loads the package `ws`, an optional peer. @throws SetupError if it is not installed */
export function loadWs(): typeof Ws {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would be asynchronous
    return require('ws') as typeof Ws
  } catch (cause) {
    throw new SetupError('BAD_OPTION', 'webSockets() needs the package ws, which is not installed. Run npm i ws.', {
      cause,
    })
  }
}
