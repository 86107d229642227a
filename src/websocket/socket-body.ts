import { Readable } from 'node:stream'
import type { UpgradeBody, UpgradeEnding } from '../request/upgrade'

/** A connection that was handed over. */
export interface Running {
  /** Resolves when it has ended. Never rejects. */
  readonly ended: Promise<UpgradeEnding>
  /** Ends it at once. */
  breakOff(): void
}

/** The body of a 101: instead of being sent, it hands the connection over. It can't be read. */
export class SocketBody extends Readable implements UpgradeBody {
  ending: UpgradeEnding | undefined
  readonly #handOver: () => Running
  #running: Running | undefined

  constructor(handOver: () => Running) {
    super()
    this.#handOver = handOver
  }

  /** Koa sends a stream by this method, behind all middleware. */
  override pipe<T extends NodeJS.WritableStream>(response: T): T {
    this.#running = this.#handOver()
    void this.#running.ended.then(ending => {
      this.ending = ending
      this.destroy()
    })
    return response
  }

  /** Without an error, whatever it is destroyed with: what ends a connection is in `ending`. */
  override _destroy(_error: Error | null, done: () => void): void {
    if (this.#running === undefined) return done()
    this.#running.breakOff()
    void this.#running.ended.then(() => {
      done()
    })
  }
}
