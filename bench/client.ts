import { connect as connectSocket, type Socket } from 'node:net'
import { ResponseReader, type Answer } from './response-reader'

/** One request as it is sent, and the response that is expected. */
export interface Exchange {
  readonly request: Buffer
  readonly status: number
  /** Length of the body. */
  readonly length: number
}

export type Until = { readonly requests: number } | { readonly milliseconds: number }

export function connect(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1', () => resolve(socket.off('error', reject)))
    socket.setNoDelay(true).once('error', reject)
  })
}

/** Sends one request on a connection of its own and reads the whole response. */
export async function ask(port: number, request: Buffer): Promise<Answer> {
  const socket = await connect(port)
  try {
    return await new Promise((resolve, reject) => {
      const reader = new ResponseReader(resolve, true)
      socket.on('data', (data: Buffer) => reader.feed(data))
      socket.once('error', reject).once('close', () => reject(new Error('the server closed the connection')))
      socket.write(request)
    })
  } finally {
    socket.destroy()
  }
}

/**
 * A load of many connections, each with one request in flight. It keeps its connections from one `run` to the next, because
 * a new connection costs the server more than many requests.
 */
export class Client {
  private constructor(private readonly lanes: readonly Lane[]) {}

  static async open(port: number, connections: number, exchanges: readonly Exchange[]): Promise<Client> {
    const sockets = await Promise.all(Array.from({ length: connections }, () => connect(port)))
    return new Client(sockets.map((socket, index) => new Lane(socket, exchanges, index)))
  }

  /** How many responses were received and checked. */
  async run(until: Until): Promise<number> {
    const end = 'milliseconds' in until ? performance.now() + until.milliseconds : Infinity
    let left = 'requests' in until ? until.requests : Infinity
    let answered = 0
    const goesOn = () => left-- > 0 && performance.now() < end
    await Promise.all(this.lanes.map(lane => lane.run(goesOn, () => answered++)))
    return answered
  }

  close(): void {
    for (const lane of this.lanes) lane.close()
  }
}

/** One connection. */
class Lane {
  private readonly reader = new ResponseReader(answer => this.onAnswer(answer))
  private goesOn: () => boolean = () => false
  private count: () => void = () => undefined
  private done: () => void = () => undefined
  private fail: (error: Error) => void = () => undefined

  /** @param next the exchange to begin with, so that the connections do not all send the same request at the same time */
  constructor(
    private readonly socket: Socket,
    private readonly exchanges: readonly Exchange[],
    private next: number,
  ) {
    socket.on('data', (data: Buffer) => this.reader.feed(data))
    socket.on('error', error => this.fail(error))
    socket.on('close', () => this.fail(new Error('the server closed a connection')))
  }

  run(goesOn: () => boolean, count: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      Object.assign(this, { goesOn, count, done: resolve, fail: reject })
      this.ask()
    })
  }

  close(): void {
    this.socket.destroy()
  }

  private ask(): void {
    if (this.goesOn()) this.socket.write(this.expected.request)
    else this.done()
  }

  private onAnswer({ status, length, head }: Answer): void {
    const { expected } = this
    if (status !== expected.status || length !== expected.length) {
      return this.fail(new Error(`${expected.status} with ${expected.length} bytes expected, but:\n${head}`))
    }
    this.count()
    this.next++
    this.ask()
  }

  private get expected(): Exchange {
    return this.exchanges[this.next % this.exchanges.length] as Exchange
  }
}
