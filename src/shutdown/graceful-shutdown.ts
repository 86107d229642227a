import type { Server } from 'node:http'
import type { Http2Server } from 'node:http2'
import type closeWithGraceFunction from 'close-with-grace'
import type Koa from 'koa'
import { applicationOf } from '../engine/servers'
import { describe, toError } from '../errors/describe'
import { checkShutdownOptions } from '../plan/check-options'
import { logError, write } from '../request/log'
import { loggerOf } from '../request/loggers'
import type { ShutdownOptions } from '../types'
import { onSignals, PROCESS_SIGNALS } from './process-signals'
import { ServerCloser } from './server-closer'

export interface Shutdown {
  /** Does what a signal does, but does not exit the process. Resolves when the last `@OnShutdown` method has ended. */
  close(): Promise<void>
  /** Removes the signal listeners. */
  uninstall(): void
}

/** How long everything after the timeout may take before the process exits, in milliseconds. */
const EXIT_DELAY_MS = 10_000

/** An application that was given to `gracefulShutdown`: one object for each call, so that each is removed on its own. */
interface Installation {
  readonly closer: ServerCloser
}

/** All that are in force in this process. The process exits only when every application has closed. */
const installed = new Set<Installation>()

/**
 * Closes a server without losing a request, on SIGTERM, SIGINT and similar signals, and on an uncaught error. After the
 * delay, if there is one, the server accepts no new connections, aborts `app.shutdownSignal`, and lets pending requests end. For a time of grace it also answers
 * requests that arrive on open connections, then it closes idle connections. At the timeout it aborts the remaining requests:
 * `ctx.signal` is aborted, they get a 503, and their connections are closed. Then all teardown and `@AfterResponse` methods
 * run, then `@OnShutdown` methods, and the process exits.
 *
 * @param server the server that `listen` returned; call this before the first request
 * @throws TypeError if the server's application is unknown, SetupError for options that don't exist
 */
export function gracefulShutdown(server: Server | Http2Server, options: ShutdownOptions = {}): Shutdown {
  checkShutdownOptions(options)
  const app = findApplication(server, options)
  const { timeout = 10_000, grace = 1000, delay = 0, logger = loggerOf(app) } = options
  const closer = ServerCloser.of(app)
  closer.add(server, { timeout, grace, delay })
  const installation: Installation = { closer }
  installed.add(installation)
  let firstSignal: string | undefined
  const log = (line: unknown) => {
    if (typeof line === 'string') write(logger, line)
    else logError(logger, '', toError(line))
  }
  // Loaded here, because many programs import flaskoa and never serve: tests, scripts.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would make this function asynchronous
  const closeWithGrace = require('close-with-grace') as typeof closeWithGraceFunction
  const onExit = closeWithGrace(
    { delay: false, logger: { error: log }, skip: [...PROCESS_SIGNALS] },
    async ({ err, signal }) => {
      const closers = [...new Set([...installed].map(({ closer }) => closer))]
      const exitAfterMs = Math.max(...closers.map(each => each.delay + each.timeout)) + EXIT_DELAY_MS
      const timer = setTimeout(() => {
        const steps = new Set(closers.flatMap(({ waitingFor }) => waitingFor ?? []))
        log(`Shutdown timed out waiting for ${[...steps].join(', ')}; exiting.`)
        process.exit(1)
      }, exitAfterMs)
      await Promise.all(closers.map(each => each.close(firstSignal ?? signal, err)))
      clearTimeout(timer)
      const failed = closers.flatMap(each => each.failedMethods)
      if (failed.length > 0) throw new Error(`${failed.join(', ')} failed: see the error event`)
    },
  )
  const removeListeners = onSignals(signal => {
    firstSignal = signal
    onExit.close()
  })
  return {
    close: () => closer.close(),
    uninstall: () => {
      onExit.uninstall()
      removeListeners()
      installed.delete(installation)
    },
  }
}

function findApplication(server: unknown, { app }: ShutdownOptions): Koa {
  const found = app ?? applicationOf(server as Server)
  if (found !== undefined) return found
  throw new TypeError(
    `gracefulShutdown(${describe(server)}) does not know its application: pass what app.listen(...) returned, or pass the ` +
      'application: gracefulShutdown(server, { app })',
  )
}
