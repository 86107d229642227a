import type { IncomingMessage, Server } from 'node:http'
import type { Http2Server, Http2ServerRequest } from 'node:http2'
import type { Socket } from 'node:net'
import type Koa from 'koa'
import { Entry, entryOf, mark } from './entry'
import type { Plan } from './plan'

/** The header that a plan travels in, and the one for the request's id. */
export const PLAN = 'x-plan'
export const ID = 'x-id'

/** The last note of a request that is over. */
const OVER = 'App.afterResponse1'

/** All requests of one server, from the moment at which Node gives them to the application. */
export class Ledger {
  readonly entries = new Map<string, Entry>()
  /** Errors that were reported without a request. */
  readonly strays: Error[] = []
  arrived = 0
  ended = 0
  /** How many contexts are not collected yet. Needs `collects`. */
  alive = 0
  private readonly watched = new Map<string, [what: string, then: () => void][]>()
  private readonly collected = new FinalizationRegistry(() => this.alive--)

  /** @param requestTimeout of the application, in milliseconds */
  constructor(private readonly requestTimeout: number) {}

  /** Whether contexts are counted from now on, which costs time. */
  collects = false

  /** Enters each request before the application receives it, and each error that the application reports. */
  keep(server: Server | Http2Server, app: Koa): void {
    const sockets = new Map<number | undefined, Socket>()
    server.prependListener('connection', (socket: Socket) => {
      const { remotePort } = socket
      sockets.set(remotePort, socket)
      socket.once('close', () => sockets.delete(remotePort))
    })
    server.prependListener('request', (req: IncomingMessage | Http2ServerRequest) => {
      this.arrived++
      const plan = JSON.parse(req.headers[PLAN] as string) as Plan
      const entry = new Entry(req.headers[ID] as string, plan, this.requestTimeout)
      const double = this.entries.get(entry.id)
      if (double !== undefined) double.wrongs.push('arrived twice')
      this.entries.set(entry.id, entry)
      for (const [what, then] of this.watched.get(entry.id) ?? []) entry.watch(what, then)
      this.watched.delete(entry.id)
      entry.watch(OVER, () => {
        entry.isOver = true
        this.ended++
      })
      const { remotePort } = req.socket
      entry.cut = () => sockets.get(remotePort)?.destroy()
      mark(req, entry)
    })
    app.on('error', (error: Error, ctx?: Koa.Context) => {
      if (ctx === undefined) this.strays.push(error)
      else entryOf(ctx).reported.push(error)
    })
    app.on('appContextPushed', (ctx: Koa.Context) => {
      if (!this.collects) return
      this.alive++
      this.collected.register(ctx, undefined)
    })
  }

  /** Calls `then` when the request `id`, which is still to come, has come to the moment `what`. */
  watch(id: string, what: string, then: () => void): void {
    const others = this.watched.get(id)
    if (others === undefined) this.watched.set(id, [[what, then]])
    else others.push([what, then])
  }

  /** Forgets a request that was checked. */
  strike(id: string): void {
    this.entries.delete(id)
    this.watched.delete(id)
  }
}
