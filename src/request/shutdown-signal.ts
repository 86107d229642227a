import { setMaxListeners } from 'node:events'
import type Koa from 'koa'

/** What `app.shutdownSignal` gives for one application. */
export class ShutdownSignal {
  #controller = newController()
  /** Whether the shutdown has begun. The signal is aborted after its delay. */
  isAnnounced = false
  /** Whether `app.shutdownSignal` was read. */
  isUsed = false

  /** The one of each application. Weak: it does not keep an application alive. */
  static readonly #byApp = new WeakMap<Koa, ShutdownSignal>()

  /** That of `app`. Adds the property `shutdownSignal`, unless the application has one of its own. */
  static of(app: Koa): ShutdownSignal {
    const known = ShutdownSignal.#byApp.get(app)
    if (known !== undefined) return known
    const made = new ShutdownSignal()
    ShutdownSignal.#byApp.set(app, made)
    if (!('shutdownSignal' in app)) {
      Object.defineProperty(app, 'shutdownSignal', { get: () => made.#read(), configurable: true })
    }
    return made
  }

  /** Begins if another one has begun, whose application uses the same lifecycle. */
  follow(other: ShutdownSignal): void {
    const { signal } = other.#controller
    if (!signal.aborted) return
    this.announce()
    this.#controller.abort(signal.reason)
  }

  #read(): AbortSignal {
    this.isUsed = true
    return this.#controller.signal
  }

  announce(): void {
    this.isAnnounced = true
  }

  begin(): void {
    const reason = Object.assign(new Error('The server is shutting down'), { code: 'ABORT_ERR' })
    reason.name = 'AbortError'
    this.#controller.abort(reason)
  }

  /** For an application that is served again after a shutdown. */
  renew(): void {
    if (!this.#controller.signal.aborted) return
    this.#controller = newController()
    this.isAnnounced = false
  }
}

function newController(): AbortController {
  const controller = new AbortController()
  // Each open stream may listen to it, and Node warns of more than ten listeners.
  setMaxListeners(0, controller.signal)
  return controller
}
