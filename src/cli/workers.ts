import cluster, { type Address, type Worker } from 'node:cluster'

/** How long the replacement of a dead worker waits: this, then twice as long after each further death, in milliseconds. */
const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 30_000
/** A worker that has served for so long did not die of its start, in milliseconds. */
const STABLE_MS = 10_000
/** How long repeated signals count as one, in milliseconds. */
const REPEAT_WINDOW_MS = 1000

/** The processes that serve one application, on one port, from the view of the process that starts them. */
export class Workers {
  /** The exit code, once all workers have ended. */
  readonly ended: Promise<number>
  readonly #count: number
  readonly #log: (line: string) => void
  readonly #workers = new Set<Worker>()
  /** Those that were told to end. */
  readonly #retired = new Set<Worker>()
  readonly #replacements = new Set<NodeJS.Timeout>()
  #resolve!: (code: number) => void
  #code = 0
  #deaths = 0
  #hasServed = false
  #stoppedAt: number | undefined
  #reloading: Promise<void> | undefined

  constructor(count: number, log: (line: string) => void) {
    this.#count = count
    this.#log = log
    this.ended = new Promise(resolve => (this.#resolve = resolve))
    for (let index = 0; index < count; index++) void this.#start()
  }

  /** Ends all workers, without losing a request. A second call, later, kills them. */
  stop(): void {
    const isRepeated = this.#stoppedAt !== undefined && performance.now() > this.#stoppedAt + REPEAT_WINDOW_MS
    this.#stoppedAt ??= performance.now()
    for (const timer of this.#replacements) clearTimeout(timer)
    this.#replacements.clear()
    for (const worker of this.#workers) worker.process.kill(isRepeated ? 'SIGKILL' : 'SIGTERM')
    this.#endIfEmpty()
  }

  /** Replaces the workers, one after the other: each ends when its replacement listens. */
  reload(): Promise<void> {
    return (this.#reloading ??= this.#reload().finally(() => (this.#reloading = undefined)))
  }

  async #reload(): Promise<void> {
    for (const worker of [...this.#workers]) {
      if (!this.#workers.has(worker)) continue
      const hasStarted = await this.#start()
      if (hasStarted && !this.#isStopping) await this.#retire(worker)
      if (this.#isStopping) return
      if (!hasStarted) return this.#log('The new worker did not start: the others stay as they are.')
    }
    this.#log('All workers are new.')
  }

  get #isStopping(): boolean {
    return this.#stoppedAt !== undefined
  }

  /** Resolves when the worker listens, with true, or has ended before that. */
  #start(): Promise<boolean> {
    const worker = cluster.fork()
    this.#workers.add(worker)
    return new Promise(resolve => {
      let since: number | undefined
      worker.once('listening', address => {
        since = performance.now()
        this.#noteListening(worker, address)
        resolve(true)
      })
      worker.once('exit', (code: number | null, signal: string | null) => {
        const isStable = since !== undefined && performance.now() > since + STABLE_MS
        if (isStable) this.#deaths = 0
        // A signal may come before the worker has begun to listen to it.
        const isUnstarted = since === undefined && signal === 'SIGTERM'
        this.#noteExit(worker, code, signal, isUnstarted)
        resolve(false)
      })
    })
  }

  #noteListening({ process }: Worker, { address, port }: Address): void {
    this.#hasServed = true
    this.#log(`Worker ${process.pid} listens on http://${hostOf(address)}:${port}`)
  }

  /** @param isUnstarted whether the signal that ends workers has ended it before it could serve a request */
  #noteExit(worker: Worker, code: number | null, signal: string | null, isUnstarted: boolean): void {
    this.#workers.delete(worker)
    const isExpected = this.#retired.delete(worker) || this.#isStopping
    const isGood = isExpected && (code === 0 || isUnstarted)
    if (!isGood) this.#log(`Worker ${worker.process.pid} ended with ${signal ?? `exit code ${code}`}.`)
    if (isExpected && !isGood) this.#code = 1
    if (!isExpected && !this.#hasServed) this.#giveUp()
    this.#refill()
    this.#endIfEmpty()
  }

  /** No worker has ever listened: a mistake that another start would not repair. */
  #giveUp(): void {
    this.#code = 1
    this.stop()
  }

  #retire(worker: Worker): Promise<unknown> {
    if (!this.#workers.has(worker)) return Promise.resolve()
    this.#retired.add(worker)
    const ended = new Promise(resolve => worker.once('exit', resolve))
    worker.process.kill('SIGTERM')
    return ended
  }

  /** Replaces what is missing, later each time. */
  #refill(): void {
    const missing = this.#count - (this.#workers.size - this.#retired.size) - this.#replacements.size
    if (this.#isStopping || missing <= 0) return
    const delay = Math.min(FIRST_BACKOFF_MS * 2 ** this.#deaths++, LONGEST_BACKOFF_MS)
    const timer = setTimeout(() => {
      this.#replacements.delete(timer)
      void this.#start()
    }, delay)
    this.#replacements.add(timer)
  }

  #endIfEmpty(): void {
    if (this.#isStopping && this.#workers.size === 0) this.#resolve(this.#code)
  }
}

/** Node has no address for a server that listens on all of them, although its type has one. */
function hostOf(address: string | null): string {
  if (address === null) return 'localhost'
  return address.includes(':') ? `[${address}]` : address
}
