import type { Answer } from './response-reader'

export interface Request {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** One request as it is sent, and the response that is expected. */
export interface Exchange {
  readonly request: Request
  readonly status: number
  /** Length of the body. */
  readonly length: number
}

/** Where a load ends: at whichever comes first. */
export interface Until {
  readonly requests?: number
  readonly milliseconds?: number
}

/** A version of HTTP. */
export interface Protocol {
  /** Sends one request on a connection of its own and reads the whole response. */
  readonly ask: (port: number, request: Request) => Promise<Answer>
  /** A load with so many requests in flight. */
  readonly open: (port: number, inFlight: number, exchanges: readonly Exchange[]) => Promise<Client>
}

/** Sends one request after the other, each when the one before it was answered. */
export interface Lane {
  run(goesOn: () => boolean, count: () => void): Promise<void>
  close(): void
}

/**
 * A load of many lanes. It keeps its connections from one `run` to the next, because a new connection costs the server more
 * than many requests.
 */
export class Client {
  constructor(private readonly lanes: readonly Lane[]) {}

  /** How many responses were received and checked. */
  async run({ requests = Infinity, milliseconds = Infinity }: Until): Promise<number> {
    const end = performance.now() + milliseconds
    let left = requests
    let answered = 0
    const goesOn = () => left-- > 0 && performance.now() < end
    await Promise.all(this.lanes.map(lane => lane.run(goesOn, () => answered++)))
    return answered
  }

  close(): void {
    for (const lane of this.lanes) lane.close()
  }
}

/** What is wrong with an answer, if something is. */
export function unlike({ status, length }: Exchange, answer: Answer): Error | undefined {
  if (answer.status === status && answer.length === length) return undefined
  return new Error(`${status} with ${length} bytes expected, but:\n${answer.head}`)
}

/** The exchange of a turn: a lane sends them in turn. */
export function exchangeOf(exchanges: readonly Exchange[], turn: number): Exchange {
  return exchanges[turn % exchanges.length] as Exchange
}
