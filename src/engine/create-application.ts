import { createServer, type RequestListener, type Server } from 'node:http'
import Koa from 'koa'
import { continueOnRead } from '../connection/continue-on-read'
import { Application, type ApplicationOptions } from './application'
import { koaDifferences } from './koa-check'
import { bindLater, startOf } from './late-binding'
import { registerServer } from './servers'

/** Found by the first call: Koa does not change in a process. */
let differences: readonly string[] | undefined

/** Makes the engine's application, or Koa's own when Koa is not as the engine expects it. */
export function createApplication(options: ApplicationOptions): Koa {
  if (differences === undefined) {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- `lifecycle` alone needs no version, so it is not imported
    const { version } = require('koa/package.json') as { version: string }
    differences = koaDifferences(version)
    warnOf(version, differences)
  }
  return differences.length === 0 ? new Application(options) : new PlainApplication(options)
}

/** Koa's application, whose servers gracefulShutdown knows. */
class PlainApplication extends Koa {
  override listen(...args: unknown[]): Server {
    const starting = startOf(this)
    const server =
      starting === undefined
        ? super.listen(...(args as [number]))
        : createServer(this.callback() as unknown as RequestListener)
    registerServer(server, this)
    if (starting !== undefined) bindLater(server, args, starting, this)
    return continueOnRead(server)
  }
}

function warnOf(version: string, differences: readonly string[]): void {
  if (differences.length === 0) return
  process.emitWarning(
    `Koa ${version} differs from the Koa that flaskoa's engine extends (${differences.join(', ')}): applications made by ` +
      'bootstrap use Koa itself. They behave the same, but each request costs more. A newer flaskoa may know this Koa.',
    { type: 'FlaskoaWarning', code: 'FLASKOA_UNKNOWN_KOA' },
  )
}
