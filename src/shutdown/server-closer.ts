import type { Server, ServerResponse } from 'node:http'
import type { Http2Server, ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type Koa from 'koa'
import { watchRequests } from '../connection/in-flight'
import { socketOf } from '../connection/socket'
import { toError } from '../errors/describe'
import { interruption } from '../lifecycle/interruption'
import { emitError } from '../request/error-event'
import type { RequestContext } from '../request/request-context'
import { requireRuntime, runtimesOf, type Runtime } from '../request/runtime'

/** How often idle connections are closed and, after the timeout, pending requests are aborted, in milliseconds. */
const ABORT_INTERVAL_MS = 50
/** How often a shutdown checks whether the last request has ended, in milliseconds. */
const POLL_INTERVAL_MS = 5

/** The closer of each application, until it closes. Weak: a closer does not keep an application alive. */
const closers = new WeakMap<Koa, ServerCloser>()

/** Closes the servers of one application and runs its `@OnShutdown` methods. */
export class ServerCloser {
  /** The longest timeout of the servers, in milliseconds. */
  timeout = 0
  /** The name of the step that the shutdown waits for, for the log. */
  waitingFor = 'a request'
  /** The names of shutdown methods that threw. */
  readonly failedMethods: string[] = []
  readonly #app: Koa
  readonly #runtimes: readonly Runtime[]
  /** Each server with its pending requests. */
  readonly #servers = new Map<Server | Http2Server, Set<RequestContext>>()
  /** All open sockets, also upgraded ones, which the server itself no longer knows. */
  readonly #sockets = new Set<Socket>()
  readonly #http2Sessions = new Set<ServerHttp2Session>()
  /**
   * Why each request was aborted. One error for each request, because its handlers may change it. Weak: an entry lives as
   * long as its request.
   */
  readonly #abortReasons = new WeakMap<RequestContext, Error>()
  #abortRounds = 0
  #closed: Promise<void> | undefined

  static of(app: Koa): ServerCloser {
    const closer = closers.get(app) ?? new ServerCloser(app)
    closers.set(app, closer)
    return closer
  }

  private constructor(app: Koa) {
    this.#app = app
    requireRuntime(app, 'gracefulShutdown')
    this.#runtimes = runtimesOf(app)
  }

  add(server: Server | Http2Server, timeout: number): void {
    if (this.#servers.has(server)) return
    this.#servers.set(server, watchRequests(server))
    this.timeout = Math.max(this.timeout, timeout)
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    // Only HTTP/2 has sessions, and a server can't close them all at once.
    ;(server as Http2Server).on('session', session => {
      this.#http2Sessions.add(session)
      session.once('close', () => this.#http2Sessions.delete(session))
    })
  }

  get #pendingRequests(): RequestContext[] {
    return [...this.#servers.values()].flatMap(requests => [...requests])
  }

  close(signal?: string, error?: Error): Promise<void> {
    return (this.#closed ??= this.#run(signal, error))
  }

  async #run(signal: string | undefined, error: Error | undefined): Promise<void> {
    closers.delete(this.#app)
    if (error !== undefined) emitError(this.#app, toError(error))
    const deadline = performance.now() + this.timeout
    const timer = setInterval(() => {
      if (performance.now() < deadline) this.#closeIdle()
      else this.#abortPending()
    }, ABORT_INTERVAL_MS)
    await this.#closeServers()
    for (const { deferredTeardown } of this.#runtimes) await deferredTeardown?.flush()
    clearInterval(timer)
    await this.#runShutdownMethods(signal)
  }

  /** Accepts no new connections and resolves when all connections are closed and all requests have ended. */
  async #closeServers(): Promise<void> {
    const closed = [...this.#servers.keys()].map(server => {
      server.prependListener('request', (_: unknown, res: ServerResponse) => res.setHeader('Connection', 'close'))
      return new Promise(resolve => server.close(resolve))
    })
    // Node closes a connection after a response with 'Connection: close', so only the last pipelined response may have it.
    const lastResponses = new Map(this.#pendingRequests.map(({ ctx }) => [socketOf(ctx), ctx]))
    for (const [socket, ctx] of lastResponses) {
      if (socket !== undefined && !ctx.headerSent) ctx.set('Connection', 'close')
    }
    this.#closeIdle()
    await Promise.all(closed)
    while (this.#pendingRequests.length > 0) await sleep(POLL_INTERVAL_MS)
  }

  /** Closes idle connections: otherwise a connection that becomes idle stays open until its client closes it. */
  #closeIdle(): void {
    for (const session of this.#http2Sessions) session.close()
    for (const server of this.#servers.keys()) if ('closeIdleConnections' in server) server.closeIdleConnections()
  }

  /**
   * Aborts pending requests; from the second round on, also their connections, so that the 503 has one interval to be sent.
   * Called repeatedly, because a request may wait in a view, then in an after method, then in teardown.
   */
  #abortPending(): void {
    for (const request of this.#pendingRequests) this.#abort(request)
    if (this.#abortRounds++ === 0) return
    for (const session of this.#http2Sessions) session.destroy()
    for (const server of this.#servers.keys()) if ('closeAllConnections' in server) server.closeAllConnections()
    for (const socket of this.#sockets) socket.destroy()
  }

  #abort(request: RequestContext): void {
    const message = 'The server was shut down before the request had ended'
    const reason = this.#abortReasons.get(request) ?? interruption(message, 'SERVER_SHUTDOWN')
    this.#abortReasons.set(request, reason)
    request.tasks.interrupt(reason)
  }

  async #runShutdownMethods(signal: string | undefined): Promise<void> {
    for (const method of this.#runtimes.flatMap(({ plan }) => [...plan.onShutdown].reverse())) {
      try {
        this.waitingFor = method.name
        await method(signal)
      } catch (thrown) {
        this.failedMethods.push(method.name)
        emitError(this.#app, toError(thrown))
      }
    }
  }
}
