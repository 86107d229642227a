import type { Server, ServerResponse } from 'node:http'
import type { Http2Server, ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type Koa from 'koa'
import { applicationOf } from '../engine/servers'
import { socketOf } from '../connection/socket'
import { describe, toError } from '../errors/describe'
import { interruption } from '../lifecycle/interruption'
import { runtimesOf, requireRuntime, type Runtime } from '../request/runtime'
import { checkShutdownOptions } from '../plan/check-options'
import { onSignals, SIGNALS } from './process-signals'
import type { RequestContext } from '../request/request-context'
import { emitError } from '../request/error-reporting'
import { watchRequests } from '../connection/in-flight'
import type { ShutdownOptions } from '../types'

export interface Shutdown {
  /** Does what a signal does, without ending the process. Resolves when the last `@OnShutdown` method has ended. */
  close(): Promise<void>
  /** Takes back the listeners to signals. */
  uninstall(): void
}

/** After the timeout, how long a request may still wait for one thing, in milliseconds. */
const GRACE = 50
/** How long all that comes after the timeout may take before the process is ended, in milliseconds. */
const LAST = 10_000

/**
 * Ends a server without losing a request, on SIGTERM, SIGINT and their like, and on an error that nobody caught: it accepts
 * nothing new, lets requests in flight end, aborts the rest at the deadline (`ctx.signal`, a 503 for what they wait for, their
 * connections closed), runs all teardown and `@AfterResponse` methods, then `@OnShutdown`, and ends the process.
 *
 * @param server what `listen` returned; call it before the first request
 * @throws TypeError when nothing is known of the server's application, SetupError for options that don't exist
 */
export function gracefulShutdown(server: Server | Http2Server, options: ShutdownOptions = {}): Shutdown {
  checkShutdownOptions(options)
  const { timeout = 10_000, logger = console } = options
  const closing = Closing.of(applicationBehind(server, options))
  closing.add(server, timeout)
  installed.add(closing)
  let signal: string | undefined
  const grace = closeWithGrace({ delay: false, logger, skip: [...SIGNALS] }, async ({ err, signal: other }) => {
    const all = [...installed]
    const last = Math.max(...all.map(each => each.timeout)) + LAST
    const timer = setTimeout(() => {
      if (logger !== false) logger.error(`${closing.current} has not ended: the process is`)
      process.exit(1)
    }, last)
    await Promise.all(all.map(each => each.close(signal ?? other, err)))
    clearTimeout(timer)
    const failed = all.flatMap(each => each.failed)
    if (failed.length > 0) throw new Error(`${failed.join(', ')} failed: see the error event`)
  })
  const forget = onSignals(first => {
    signal = first
    grace.close()
  })
  return {
    close: () => closing.close(),
    uninstall: () => {
      grace.uninstall()
      forget()
      installed.delete(closing)
    },
  }
}

function applicationBehind(server: unknown, { app }: ShutdownOptions): Koa {
  const found = app ?? applicationOf(server as Server)
  if (found !== undefined) return found
  throw new TypeError(
    `gracefulShutdown(${describe(server)}) does not know its application: pass what app.listen(...) returned, or the ` +
      'application: gracefulShutdown(server, { app })',
  )
}

/** Those whose process ends: whoever is done first must not take the others with it. */
const installed = new Set<Closing>()
const closings = new WeakMap<Koa, Closing>()

/** The way of one application's servers to their end. */
class Closing {
  /** And the requests of each that have not ended. */
  private readonly servers = new Map<Server | Http2Server, Set<RequestContext>>()
  /** Also those that were upgraded, which the server no longer knows of. */
  private readonly sockets = new Set<Socket>()
  /** In milliseconds, the longest of those that were given. */
  timeout = 0
  private readonly runtimes: readonly Runtime[]
  private readonly sessions = new Set<ServerHttp2Session>()
  private closed: Promise<void> | undefined
  /** What is waited for. */
  current = 'A request'
  /** Shutdown methods that threw. */
  readonly failed: string[] = []
  /** Why requests were aborted: to each an error of its own, which others may mark. */
  private readonly reasons = new WeakMap<RequestContext, Error>()
  private rounds = 0

  static of(app: Koa): Closing {
    const closing = closings.get(app) ?? new Closing(app)
    closings.set(app, closing)
    return closing
  }

  private constructor(private readonly app: Koa) {
    requireRuntime(app, 'gracefulShutdown')
    this.runtimes = runtimesOf(app)
  }

  add(server: Server | Http2Server, timeout: number): void {
    if (this.servers.has(server)) return
    this.servers.set(server, watchRequests(server))
    this.timeout = Math.max(this.timeout, timeout)
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket)
      socket.once('close', () => this.sockets.delete(socket))
    })
    // Only HTTP/2 has sessions, and only they must be closed one by one.
    ;(server as Http2Server).on('session', session => {
      this.sessions.add(session)
      session.once('close', () => this.sessions.delete(session))
    })
  }

  private get underway(): RequestContext[] {
    return [...this.servers.values()].flatMap(requests => [...requests])
  }

  close(signal?: string, error?: Error): Promise<void> {
    return (this.closed ??= this.run(signal, error))
  }

  private async run(signal: string | undefined, error: Error | undefined): Promise<void> {
    closings.delete(this.app)
    if (error !== undefined) emitError(this.app, toError(error))
    const deadline = performance.now() + this.timeout
    const timer = setInterval(() => {
      if (performance.now() < deadline) this.closeIdle()
      else this.abortRest()
    }, GRACE)
    await this.lastRequest()
    for (const { deferredTeardown } of this.runtimes) await deferredTeardown?.flush()
    clearInterval(timer)
    await this.runShutdownMethods(signal)
  }

  /** Accepts nothing new and resolves when all connections are closed and all requests have ended. */
  private async lastRequest(): Promise<void> {
    const closed = [...this.servers.keys()].map(server => {
      server.prependListener('request', (_: unknown, res: ServerResponse) => res.setHeader('Connection', 'close'))
      return new Promise(resolve => server.close(resolve))
    })
    // Node closes a connection behind the response that says so: of those that are pipelined it must be the last.
    const last = new Map(this.underway.map(({ ctx }) => [socketOf(ctx), ctx]))
    for (const [socket, ctx] of last) if (socket !== undefined && !ctx.headerSent) ctx.set('Connection', 'close')
    this.closeIdle()
    await Promise.all(closed)
    while (this.underway.length > 0) await sleep(GRACE / 10)
  }

  /** A connection that becomes idle stays open otherwise, until its client closes it. */
  private closeIdle(): void {
    for (const session of this.sessions) session.close()
    for (const server of this.servers.keys()) if ('closeIdleConnections' in server) server.closeIdleConnections()
  }

  /** Again and again: a request may wait in a view, then in an after method, then in teardown. Its 503 gets a moment to go out. */
  private abortRest(): void {
    for (const request of this.underway) this.abort(request)
    if (this.rounds++ === 0) return
    for (const session of this.sessions) session.destroy()
    for (const server of this.servers.keys()) if ('closeAllConnections' in server) server.closeAllConnections()
    for (const socket of this.sockets) socket.destroy()
  }

  private abort(request: RequestContext): void {
    const message = 'The server was shut down before the request had ended'
    const reason = this.reasons.get(request) ?? interruption(message, 'SERVER_SHUTDOWN')
    this.reasons.set(request, reason)
    request.tasks.interrupt(reason)
  }

  private async runShutdownMethods(signal: string | undefined): Promise<void> {
    for (const method of this.runtimes.flatMap(({ plan }) => [...plan.onShutdown].reverse())) {
      try {
        this.current = method.name
        await method(signal)
      } catch (thrown) {
        this.failed.push(method.name)
        emitError(this.app, toError(thrown))
      }
    }
  }
}
