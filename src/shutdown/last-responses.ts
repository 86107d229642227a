import { ServerResponse, type IncomingMessage, type Server } from 'node:http'
import type { Http2Server } from 'node:http2'
import type { Socket } from 'node:net'

/** The events that bring a request to a server. */
const REQUEST_EVENTS: readonly unknown[] = ['request', 'checkContinue', 'checkExpectation']

/**
 * Says `Connection: close` in the last HTTP/1 response of each connection. Node closes a connection after that response, so
 * the response to a pipelined request must not say it while another request waits behind it.
 */
export class LastResponses {
  readonly #bySocket = new WeakMap<Socket, ServerResponse>()

  /** Takes `res` for the last response of its connection, until there is a later one. */
  mark(socket: Socket, res: ServerResponse): void {
    this.#bySocket.set(socket, res)
    if (!res.shouldKeepAlive || res.headersSent) return
    const writeHead = res.writeHead.bind(res) as (...args: unknown[]) => ServerResponse
    // Not before: an error handler's response begins without the fields of the one before, and what the application copies
    // from another connection's response would replace it.
    res.writeHead = (...args: unknown[]) => {
      if (this.#bySocket.get(socket) !== res) return writeHead(...args)
      res.setHeader('Connection', 'close')
      return writeHead(...args.map(withoutConnection))
    }
  }

  /**
   * Marks the response to each request that arrives at a server from now on.
   *
   * @returns a function that ends this
   */
  watch(server: Server | Http2Server): () => void {
    const { emit } = server // eslint-disable-line @typescript-eslint/unbound-method -- called with the server
    const replacement = (name: string, ...args: unknown[]): boolean => {
      const [req, res] = args as [IncomingMessage, unknown]
      const pass = () => Reflect.apply(emit, server, [name, ...args]) as boolean
      if (!REQUEST_EVENTS.includes(name) || !(res instanceof ServerResponse)) return pass()
      this.mark(req.socket, res as ServerResponse)
      // Later, so that a request that was sent together with this one is known before this one is answered.
      setImmediate(pass)
      return true
    }
    server.emit = replacement as typeof server.emit
    return () => {
      server.emit = emit
    }
  }
}

/** The header fields that are passed to `writeHead` as an object, without that one: they replace those that were set. */
const withoutConnection = (arg: unknown): unknown =>
  typeof arg !== 'object' || arg === null || Array.isArray(arg)
    ? arg
    : Object.fromEntries(Object.entries(arg).filter(([name]) => !/^connection$/i.test(name)))
