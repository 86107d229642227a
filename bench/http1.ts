import { connect as connectSocket, type Socket } from 'node:net'
import { Client, exchangeOf, unlike, type Exchange, type Lane, type Protocol, type Request } from './client'
import { ResponseReader, type Answer } from './response-reader'

export function connect(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectSocket(port, '127.0.0.1', () => resolve(socket.off('error', reject)))
    socket.setNoDelay(true).once('error', reject)
  })
}

/** One request in flight on each connection. */
export const http1: Protocol = {
  async ask(port, request) {
    const socket = await connect(port)
    try {
      return await new Promise((resolve, reject) => {
        const reader = new ResponseReader(resolve, true)
        socket.on('data', (data: Buffer) => reader.feed(data))
        socket.once('error', reject).once('close', () => reject(new Error('the server closed the connection')))
        socket.write(write(request))
      })
    } finally {
      socket.destroy()
    }
  },
  async open(port, inFlight, exchanges) {
    const sockets = await Promise.all(Array.from({ length: inFlight }, () => connect(port)))
    const written = exchanges.map(exchange => write(exchange.request))
    return new Client(sockets.map((socket, index) => new Connection(socket, exchanges, written, index)))
  },
}

class Connection implements Lane {
  private readonly reader = new ResponseReader(answer => this.onAnswer(answer))
  private goesOn: () => boolean = () => false
  private count: () => void = () => undefined
  private done: () => void = () => undefined
  private fail: (error: Error) => void = () => undefined

  /** @param turn the exchange to begin with, so that the connections do not all send the same request at the same time */
  constructor(
    private readonly socket: Socket,
    private readonly exchanges: readonly Exchange[],
    private readonly written: readonly Buffer[],
    private turn: number,
  ) {
    socket.on('data', (data: Buffer) => this.reader.feed(data))
    socket.on('error', error => this.fail(error))
    socket.on('close', () => this.fail(new Error('the server closed a connection')))
  }

  run(goesOn: () => boolean, count: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      Object.assign(this, { goesOn, count, done: resolve, fail: reject })
      this.send()
    })
  }

  close(): void {
    this.socket.destroy()
  }

  private send(): void {
    if (this.goesOn()) this.socket.write(this.written[this.turn % this.written.length] as Buffer)
    else this.done()
  }

  private onAnswer(answer: Answer): void {
    const error = unlike(exchangeOf(this.exchanges, this.turn), answer)
    if (error !== undefined) return this.fail(error)
    this.count()
    this.turn++
    this.send()
  }
}

function write({ method, path, headers, body }: Request): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from([`${method} ${path} HTTP/1.1`, 'Host: localhost', ...lines, '', body].join('\r\n'))
}
