import { once } from 'node:events'
import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2'
import type { Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { gracefulShutdown } from 'flaskoa'
import type Koa from 'koa'
import { patience } from '../support/pace'
import { applicationFor } from './app'
import { problemsOf } from './balance'
import { Client } from './client'
import type { Entry } from './entry'
import { Http2Client } from './http2-client'
import { Ledger } from './ledger'
import { TEARDOWNS } from './names'
import type { Conversation } from './plan'

export interface Settings {
  readonly requestTimeout: number
  /** How many conversations of one batch there are at once. */
  readonly parallel: number
  /** Whether the server speaks HTTP/2, for conversations over HTTP/2. */
  readonly http2?: boolean
  /** For a run whose server is shut down while it has requests. */
  readonly shutdownTimeout?: number
}

/** How long a connection may say nothing at all, in milliseconds: longer than all that the plans do. */
const IDLE = patience(300)

/** How long after the last byte requests may still run. */
const PATIENCE = patience(3000)

export interface Problem {
  readonly what: string
  readonly conversation: Conversation
  readonly id: string
  readonly index?: number
  readonly log: readonly string[]
}

type AnyClient = Client | Http2Client

/** A server with a ledger, and the clients that put requests into it. */
export class Run {
  readonly ledger: Ledger
  readonly problems: Problem[] = []
  readonly seen = new Map<string, number>()
  readonly totals = { tornDown: 0, notified: 0, teardowns: 0, faults: 0, thrown: 0, errors: 0, interrupted: 0 }
  requests = 0
  failed = 0
  /** How many requests had not ended when `@OnShutdown` ran. */
  openAtShutdown: number | undefined
  /** Closes the server gracefully. */
  readonly shutDown: () => Promise<void>
  private readonly server: Server | Http2Server
  private readonly http2Sessions = new Set<ServerHttp2Session>()
  private id = 0

  constructor(private readonly settings: Settings) {
    this.ledger = new Ledger(settings.requestTimeout)
    const app = applicationFor(this.ledger, settings.requestTimeout, () => {
      this.openAtShutdown = [...this.ledger.entries.values()].filter(({ isOver }) => !isOver).length
    })
    this.server = settings.http2 === true ? this.listenHttp2(app) : app.listen(0, '127.0.0.1')
    // A connection whose pipelined responses fill its buffer is not read: Node does not see that its client has left.
    this.server.setTimeout(IDLE)
    this.ledger.keep(this.server, app)
    const { close, uninstall } = gracefulShutdown(this.server, {
      app,
      timeout: settings.shutdownTimeout ?? 1000,
      logger: false,
    })
    this.shutDown = () => close().then(uninstall)
  }

  private listenHttp2(app: Koa): Http2Server {
    const handle = app.callback()
    const server = createServer((req, res) => void handle(req, res))
    server.on('session', session => {
      this.http2Sessions.add(session)
      session.once('close', () => this.http2Sessions.delete(session))
    })
    return server.listen(0, '127.0.0.1')
  }

  /** Has all conversations, some at once, and checks them when all requests have ended. */
  async all(conversations: readonly Conversation[]): Promise<void> {
    if (!this.server.listening) await once(this.server, 'listening')
    const { port } = this.server.address() as AddressInfo
    const clients: [AnyClient, Conversation][] = []
    const waiting = conversations.values()
    const work = async () => {
      for (const conversation of waiting) {
        const ClientClass = conversation.http2 === undefined ? Client : Http2Client
        const client = new ClientClass(port, conversation, this.ledger, () => `r${this.id++}`)
        clients.push([client, conversation])
        await client.run()
      }
    }
    await Promise.all(Array.from({ length: this.settings.parallel }, work))
    await this.caughtUp(port)
    await this.settled(clients.flatMap(([{ sent }]) => sent.map(({ id }) => id)))
    for (const [client, conversation] of clients) this.check(client, conversation)
  }

  /** Waits until so many requests have reached the lifecycle. */
  async reached(requests: number): Promise<void> {
    while (this.ledger.arrived < requests) await turn()
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    if ('closeAllConnections' in this.server) this.server.closeAllConnections()
    for (const session of this.http2Sessions) session.destroy()
    await closed
  }

  /** Waits until the server has read what clients have sent: some have left before it had accepted their connection. */
  private caughtUp(port: number): Promise<void> {
    return new Promise(resolve => {
      const last = connect(port, '127.0.0.1').on('error', () => undefined)
      last
        .resume()
        .once('close', () => resolve())
        .end('no request\r\n\r\n')
    })
  }

  /** Waits until all requests are over; those that never end are found by their accounts. */
  private async settled(ids: readonly string[]): Promise<void> {
    const deadline = performance.now() + PATIENCE
    const isOpen = (id: string) => this.ledger.entries.get(id)?.isOver === false
    for (let open = ids; open.length > 0 && performance.now() < deadline;) {
      await sleep(5)
      open = open.filter(isOpen)
    }
    await turn()
  }

  private check(client: AnyClient, conversation: Conversation): void {
    const isCut = client.sent.some(({ id }) => this.ledger.entries.get(id)?.log.includes('cut'))
    // A request that is pipelined behind the last response of a server that shuts down is not answered either.
    let mayBeUnanswered = this.settings.shutdownTimeout !== undefined || isCut
    for (const sent of client.sent) {
      const entry = this.ledger.entries.get(sent.id)
      const problems = problemsOf(sent, entry, mayBeUnanswered)
      if (client.isOrdered && sent.seen.kind !== 'complete') mayBeUnanswered = true
      this.requests++
      if (entry !== undefined) this.add(entry)
      if (problems.length > 0) this.failed++
      this.seen.set(sent.seen.kind, (this.seen.get(sent.seen.kind) ?? 0) + 1)
      for (const what of problems)
        this.note({ what, conversation, id: sent.id, index: client.sent.indexOf(sent), log: entry?.log ?? [] })
      this.ledger.strike(sent.id)
    }
    for (const what of client.problems) this.note({ what, conversation, id: '', log: [] })
  }

  private add({ log, outcomes, thrown, reported, plan, isInterrupted }: Entry): void {
    const { totals } = this
    const ran = log.filter(each => TEARDOWNS.includes(each))
    totals.teardowns += ran.length
    if (ran.length > 0 && new Set(ran).size === ran.length) totals.tornDown++
    if (outcomes.length > 0 && outcomes.every(each => each === outcomes[0])) totals.notified++
    if (plan.fault !== undefined || plan.late !== undefined) totals.faults++
    for (const each of thrown.values()) totals.thrown += each.length
    totals.errors += reported.length
    if (isInterrupted) totals.interrupted++
  }

  private note(problem: Problem): void {
    if (this.problems.length < 1000) this.problems.push(problem)
  }
}
