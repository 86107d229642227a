import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import Koa from 'koa'
import { continueOnRead } from '../connection/continue-on-read'
import { Application, type ApplicationOptions } from './application'
import { koaDifferences } from './koa-check'
import { registerServer } from './servers'

/** Found by the first call: Koa does not change in a process. */
let differences: readonly string[] | undefined

/** Makes the engine's application, or Koa's own when Koa is not as the engine expects it. */
export function createApplication(options: ApplicationOptions): Koa {
  if (differences === undefined) warnOf((differences = koaDifferences()))
  return differences.length === 0 ? new Application(options) : new PlainApplication(options)
}

/** Koa's application, whose servers gracefulShutdown knows. */
class PlainApplication extends Koa {
  override listen(...args: unknown[]): Server {
    const server = super.listen(...(args as [number]))
    registerServer(server, this)
    return continueOnRead(server)
  }
}

function warnOf(differences: readonly string[]): void {
  if (differences.length === 0) return
  const { version } = createRequire(__filename)('koa/package.json') as { version: string }
  process.emitWarning(
    `Koa ${version} differs from the Koa that flaskoa's engine extends (${differences.join(', ')}): applications made by ` +
      'bootstrap use Koa itself. They behave the same, but each request costs more. A newer flaskoa may know this Koa.',
    { type: 'FlaskoaWarning', code: 'FLASKOA_UNKNOWN_KOA' },
  )
}
