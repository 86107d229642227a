import { once } from 'node:events'
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { Client, exchangeOf, unlike, type Exchange, type Lane, type Protocol, type Request } from './client'
import type { Answer } from './response-reader'

/** Requests in flight on one connection: browsers and proxies open few connections for many requests. */
const STREAMS = 16

/** Without TLS and with prior knowledge. */
export const http2: Protocol = {
  async ask(port, request) {
    const session = await openSession(port)
    try {
      return await ask(session, request, true)
    } finally {
      session.destroy()
    }
  },
  async open(port, inFlight, exchanges) {
    const sessions = Array.from({ length: Math.ceil(inFlight / STREAMS) }, () => openSession(port))
    const opened = await Promise.all(sessions)
    const lanes = Array.from({ length: inFlight }, (_, index) => {
      return new Streams(opened[Math.floor(index / STREAMS)] as ClientHttp2Session, exchanges, index)
    })
    return new Client(lanes)
  },
}

/** One stream after the other. */
class Streams implements Lane {
  constructor(
    private readonly session: ClientHttp2Session,
    private readonly exchanges: readonly Exchange[],
    private turn: number,
  ) {}

  async run(goesOn: () => boolean, count: () => void): Promise<void> {
    while (goesOn()) {
      const exchange = exchangeOf(this.exchanges, this.turn++)
      const error = unlike(exchange, await ask(this.session, exchange.request, false))
      if (error !== undefined) throw error
      count()
    }
  }

  close(): void {
    this.session.destroy()
  }
}

async function openSession(port: number): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${port}`)
  await once(session, 'connect')
  // Each stream has its own error, which fails the measurement.
  return session.on('error', () => undefined)
}

function ask(session: ClientHttp2Session, request: Request, keepsBody: boolean): Promise<Answer> {
  const { method, path, headers, body } = request
  const fields = { ':method': method, ':path': path, ':authority': 'localhost', ...headers }
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    let received: IncomingHttpHeaders = {}
    const stream = session.request(fields, { endStream: body === '' })
    stream.on('response', fields => (received = fields))
    stream.on('data', (part: Buffer) => {
      length += part.length
      if (keepsBody) parts.push(part)
    })
    stream.on('end', () =>
      resolve({ status: Number(received[':status']), head: headOf(received), length, body: Buffer.concat(parts) }),
    )
    stream.on('error', reject).on('close', () => reject(new Error('the server closed a stream')))
    if (body !== '') stream.end(body)
  })
}

/** The header fields in the form that they have in HTTP/1.1. */
function headOf(fields: IncomingHttpHeaders): string {
  const lines = Object.entries(fields).flatMap(([name, value]) => [value ?? []].flat().map(each => `${name}: ${each}`))
  return ['HTTP/2', ...lines].join('\r\n')
}
