import type { Server } from 'node:http'
import type Koa from 'koa'
import { LONGEST_DELAY_MS } from '../util/longest-delay'

/** What `listen` of an application waits for. */
const START = Symbol('flaskoa:start')
type Startable = Koa & { readonly [START]?: () => Promise<void> | undefined }

/** Has each later `listen` of an application wait for the promise that `start` returns, if it returns one. */
export function bindAfter(app: Koa, start: () => Promise<void> | undefined): void {
  // A property, not a WeakMap: `listen` may be called on a Proxy of the application.
  Object.defineProperty(app, START, { value: start })
}

/** The promise that a server of this application must wait for before it binds. */
export const startOf = (app: Koa): Promise<void> | undefined => (app as Startable)[START]?.()

/** The servers that have not bound yet. Weak, because a server belongs to Node. */
const waiting = new WeakMap<object, LateBinding>()

/** Gives up the binding of a server that waits for its application's start. */
export const cancelBinding = (server: object): void => void waiting.get(server)?.end()

/** Has a server of this application listen: at once, or when its start is done. */
export function listen(server: Server, args: readonly unknown[], app: Koa): Server {
  const starting = startOf(app)
  return starting === undefined ? server.listen(...(args as [number])) : bindLater(server, args, starting, app)
}

/** Has the server listen when `starting` is fulfilled. If it is rejected, the server emits `error`. */
export function bindLater(server: Server, args: readonly unknown[], starting: Promise<void>, app: Koa): Server {
  const binding = new LateBinding(server)
  waiting.set(server, binding)
  const callback = args.at(-1)
  // Now, as Node does: listeners that are added to the server after this one are called after it.
  if (typeof callback === 'function') server.once('listening', callback as () => void)
  const where = typeof callback === 'function' ? args.slice(0, -1) : args
  // In a tick of its own: what an `error` event without a listener throws is an uncaught error, not a rejection.
  const bind = () => {
    if (!binding.end()) return
    try {
      server.listen(...(where as [number]))
    } catch (error) {
      server.emit('error', error as Error)
    }
  }
  const fail = (error: unknown) => (binding.end() ? server : app).emit('error', error as Error)
  starting.then(
    () => process.nextTick(bind),
    (error: unknown) => process.nextTick(fail, error),
  )
  return server
}

/** A server between `listen` and its binding. Until then it keeps the process alive, as a server that is bound does. */
class LateBinding {
  readonly #server: Server
  readonly #hold = setInterval(Boolean, LONGEST_DELAY_MS)
  readonly #own: Pick<Server, 'close' | 'ref' | 'unref'>

  constructor(server: Server) {
    this.#server = server
    const { close, ref, unref } = server // eslint-disable-line @typescript-eslint/unbound-method -- called with the server
    this.#own = {
      close: callback => {
        // A server that was told to listen: its callback gets no error, as Node gives to a server that was not.
        if (this.end() && callback !== undefined) return close.call(server.once('close', () => callback()))
        return close.call(server, callback)
      },
      ref: () => {
        this.#hold.ref()
        return ref.call(server)
      },
      unref: () => {
        this.#hold.unref()
        return unref.call(server)
      },
    }
    Object.assign(server, this.#own)
  }

  /** Gives the server its own methods back, unless other code has replaced ours. Returns whether it was still waiting. */
  end(): boolean {
    const server = this.#server
    if (!waiting.delete(server)) return false
    clearInterval(this.#hold)
    for (const [name, ours] of Object.entries(this.#own)) {
      if (Reflect.get(server, name) === ours) Reflect.deleteProperty(server, name)
    }
    return true
  }
}
