import { toError } from '../errors/describe'

/**
 * Asks whether something that the application needs is there. It fails when it throws, rejects, returns `false` or takes too
 * long; `signal` is aborted then.
 */
export type HealthCheck = (signal: AbortSignal) => unknown

/** What came of one check. */
export interface CheckResult {
  readonly status: 'ok' | 'failed'
  readonly durationMs: number
  readonly error: Error | undefined
}

/** One check of an application. Probes that come together share one call. */
export class Check {
  readonly #name: string
  readonly #call: HealthCheck
  readonly #timeout: number
  #running: Promise<CheckResult> | undefined
  #hasFailed = false

  /** @param timeout in milliseconds */
  constructor(name: string, call: HealthCheck, timeout: number) {
    this.#name = name
    this.#call = call
    this.#timeout = timeout
  }

  /** @param report gets the error of a check that passed the time before, so that a log has it once and not for each probe */
  run(report: (error: Error) => void): Promise<CheckResult> {
    return (this.#running ??= this.#run(report))
  }

  async #run(report: (error: Error) => void): Promise<CheckResult> {
    const start = performance.now()
    const error = await this.#errorOf()
    this.#running = undefined
    if (error !== undefined && !this.#hasFailed)
      report(new Error(`The health check ${this.#name} failed: ${error.message}`, { cause: error }))
    this.#hasFailed = error !== undefined
    const durationMs = Math.round(performance.now() - start)
    return { status: error === undefined ? 'ok' : 'failed', durationMs, error }
  }

  /** Why the check fails; `undefined` if it passes. */
  async #errorOf(): Promise<Error | undefined> {
    const end = new AbortController()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new Error(`it took longer than ${this.#timeout} ms`)
        reject(error)
        end.abort(error)
      }, this.#timeout)
    })
    try {
      const result = await Promise.race([this.#call(end.signal), late])
      return result === false ? new Error('it returned false') : undefined
    } catch (thrown) {
      return toError(thrown)
    } finally {
      clearTimeout(timer)
    }
  }
}
