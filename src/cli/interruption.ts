import type Koa from 'koa'
import type { FoundCommand } from '../commands/find-command'
import { toError } from '../errors/describe'
import { emitError } from '../request/error-event'
import { ShutdownSignal } from '../request/shutdown-signal'
import { onSignals } from '../shutdown/process-signals'
import type { Awaitable } from '../types'
import { Aborted, Failure } from './failures'
import { UNSETTLED } from './drained'
import { callUntilInterrupt } from './interruptible-call'
import type { Io } from './io'

/** Without SIGQUIT: Ctrl-\ ends a process that is too busy to see another signal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Ends a command of the application before its method has ended: at a signal, when the reader of its output is gone, after an error that no
 * code has caught, and when nothing is left that the method could wait for. The method itself can't be stopped: it goes on while the
 * teardown methods run, unless it listens to `app.shutdownSignal`.
 */
export class Interruption {
  /** Why the command was ended; `undefined` if it was not. */
  reason: Error | undefined
  readonly #app: Koa
  readonly #io: Pick<Io, 'stdout' | 'stderr'>
  readonly #begun: Promise<never>
  #reject!: (reason: Error) => void
  #isRunning = false

  constructor(app: Koa, io: Pick<Io, 'stdout' | 'stderr'>) {
    this.#app = app
    this.#io = io
    this.#begun = new Promise((_, reject) => (this.#reject = reject))
    this.#begun.catch(() => undefined) // nothing may wait for it
  }

  /** Listens to what interrupts. Returns a function that removes the listeners. */
  listen({ runtime: { start }, command }: FoundCommand): () => void {
    const { stdout, stderr } = this.#io
    const removeSignals = onSignals(signal => this.#abort(signal), SIGNALS)
    const onError = (thrown: unknown) => this.#fail(toError(thrown))
    const onClosed = () => this.#begin(new Aborted('The output of the command was closed'))
    const onDrained = () => this.#failDrained(`${start.running ?? `flaskoa ${command.name}`} can't end: ${UNSETTLED}`)
    process.on('uncaughtException', onError).on('beforeExit', onDrained)
    for (const stream of [stdout, stderr]) stream.on('error', onClosed)
    return () => {
      removeSignals()
      process.off('uncaughtException', onError).off('beforeExit', onDrained)
      for (const stream of [stdout, stderr]) stream.off('error', onClosed)
    }
  }

  /** Calls a method and waits for it. Throws what the method throws, or `reason`. */
  async run<T>(method: () => Awaitable<T>): Promise<T> {
    this.#isRunning = true
    try {
      const running = callUntilInterrupt(method, () => this.#abort('SIGINT'))
      const result = await Promise.race([running, this.#begun])
      if (this.reason === undefined) return result
      throw this.reason
    } catch (error) {
      throw this.reason ?? error
    } finally {
      this.#isRunning = false
    }
  }

  /** A method that has asked for `app.shutdownSignal` may end by itself: a second signal ends the process. */
  #abort(signal: string): void {
    this.#io.stderr.write('Aborted!\n')
    this.reason ??= new Aborted(`The command was aborted by ${signal}`, signal)
    const shutdown = ShutdownSignal.of(this.#app)
    shutdown.begin()
    if (!shutdown.isUsed) this.#begin(this.reason)
  }

  /** An error at the end of the command, or a further one, is reported as those of teardown methods are. */
  #fail(error: Error): void {
    if (!this.#isRunning || this.reason !== undefined) emitError(this.#app, error)
    this.#begin(error)
  }

  /** At the end of the command nothing can be done: the process ends. */
  #failDrained(message: string): void {
    if (this.#isRunning) return this.#begin(new Failure(message))
    this.#io.stderr.write(`${message}\n`)
    process.exitCode = 1
  }

  #begin(reason: Error): void {
    this.reason ??= reason
    this.#reject(this.reason)
  }
}
