import type { Server } from 'node:http'
import type { Http2Server } from 'node:http2'
import { setTimeout as sleep } from 'node:timers/promises'
import type Koa from 'koa'
import { toError } from '../errors/describe'
import { filesAreRemoved } from '../input/request-files'
import { interruption } from '../lifecycle/interruption'
import { emitError } from '../request/error-event'
import type { RequestContext } from '../request/request-context'
import { requireRuntime, runtimesOf, type Runtime } from '../request/runtime'
import type { ShutdownSignal } from '../request/shutdown-signal'
import { ServerConnections } from './server-connections'

/** How often pending requests are aborted after the timeout, in milliseconds. */
const ABORT_INTERVAL_MS = 50
/** How often a shutdown checks whether the last request has ended, in milliseconds. */
const POLL_INTERVAL_MS = 5

/** The closer of each application, until it closes. Weak: a closer does not keep an application alive. */
const closers = new WeakMap<Koa, ServerCloser>()

/**
 * Why each request was aborted. One error for each request, because its handlers may change it; by its `ctx`, because it may be in
 * several lifecycles, and its server may have several closers. Weak: an entry lives as long as its request.
 */
const abortReasons = new WeakMap<Koa.Context, Error>()

/** The options of `gracefulShutdown` that are durations, in milliseconds. */
interface Durations {
  readonly timeout: number
  readonly grace: number
  readonly delay: number
}

/** Closes the servers of one application and runs its `@OnShutdown` methods. */
export class ServerCloser {
  /** The longest timeout of the servers, in milliseconds. */
  timeout = 0
  /** The names of shutdown methods that threw. */
  readonly failedMethods: string[] = []
  /** The longest delay of the servers, in milliseconds. */
  delay = 0
  /** The name of the step that the shutdown waits for; `undefined` when it is done. */
  #step: string | undefined = 'a request'
  readonly #app: Koa
  readonly #runtimes: readonly Runtime[]
  readonly #servers = new Set<ServerConnections>()
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
    for (const { bindings } of this.#runtimes) bindings.addShutdownSignal(app)
    for (const signal of this.#shutdownSignals) signal.renew()
  }

  add(server: Server | Http2Server, { timeout, grace, delay }: Durations): void {
    const connections = ServerConnections.of(server)
    connections.grace = Math.max(connections.grace, grace)
    this.#servers.add(connections)
    this.timeout = Math.max(this.timeout, timeout)
    this.delay = Math.max(this.delay, delay)
  }

  /** The name of what the shutdown waits for, for the log; `undefined` when it is done. */
  get waitingFor(): string | undefined {
    return this.#runtimes.find(({ start }) => start.running !== undefined)?.start.running ?? this.#step
  }

  get #pendingRequests(): RequestContext[] {
    return [...this.#servers].flatMap(({ requests }) => [...requests])
  }

  get #isListening(): boolean {
    return [...this.#servers].some(({ isListening }) => isListening)
  }

  /** Also those of applications that the lifecycle is mounted in: they are `ctx.app` there. */
  get #shutdownSignals(): ShutdownSignal[] {
    return this.#runtimes.flatMap(({ bindings }) => [...bindings.shutdownSignals])
  }

  close(signal?: string, error?: Error): Promise<void> {
    return (this.#closed ??= this.#run(signal, error))
  }

  async #run(signal: string | undefined, error: Error | undefined): Promise<void> {
    closers.delete(this.#app)
    for (const each of this.#shutdownSignals) each.announce()
    // After an uncaught error the process is in an unknown state, and takes no new connections.
    if (error === undefined && this.delay > 0 && this.#isListening) await sleep(this.delay)
    const closed = Promise.all([...this.#servers].map(server => server.close()))
    if (error !== undefined) emitError(this.#app, toError(error))
    for (const each of this.#shutdownSignals) each.begin()
    const deadline = performance.now() + this.timeout
    const timer = setInterval(() => {
      if (performance.now() >= deadline) this.#abortPending()
    }, ABORT_INTERVAL_MS)
    await closed
    while (this.#pendingRequests.length > 0) await sleep(POLL_INTERVAL_MS)
    await filesAreRemoved()
    for (const { deferredTeardown } of this.#runtimes) await deferredTeardown?.flush()
    clearInterval(timer)
    for (const { start } of this.#runtimes) await start.ended()
    await this.#runShutdownMethods(signal)
    this.#step = undefined
  }

  /**
   * Aborts pending requests; from the second round on, also their connections, so that the 503 has one interval to be sent.
   * Called repeatedly, because a request may wait in a view, then in an after method, then in teardown.
   */
  #abortPending(): void {
    for (const request of this.#pendingRequests) this.#abort(request)
    if (this.#abortRounds++ === 0) return
    for (const server of this.#servers) server.destroy()
  }

  #abort(request: RequestContext): void {
    const message = 'The server was shut down before the request had ended'
    const reason = abortReasons.get(request.ctx) ?? interruption(message, 'SERVER_SHUTDOWN')
    abortReasons.set(request.ctx, reason)
    request.tasks.interrupt(reason)
  }

  async #runShutdownMethods(signal: string | undefined): Promise<void> {
    for (const method of this.#runtimes.flatMap(({ plan }) => [...plan.onShutdown].reverse())) {
      try {
        this.#step = method.name
        await method(signal)
      } catch (thrown) {
        this.failedMethods.push(method.name)
        emitError(this.#app, toError(thrown))
      }
    }
  }
}
