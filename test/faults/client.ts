import { connect, type Socket } from 'node:net'
import { MULTIPART, multipart, part } from '../support/multipart'
import { patience } from '../support/pace'
import { ID, PLAN, type Ledger } from './ledger'
import type { Body, Conversation, Plan } from './plan'
import { NOTHING, Reader, type Seen } from './reader'
import { cookieOf } from './store'

const PREFIXES = { app: '/do/', outer: '/outer/do/', inner: '/outer/inner/do/', nowhere: '/nowhere/' } as const
/** A client that has received nothing for so long has met a request that hangs. */
export const PATIENCE = patience(3000)
const UPLOAD = 'uploaded '.repeat(100)
const FORM = multipart([part('name', 'x'), part('small', 'y', 's.txt'), part('file', UPLOAD.repeat(20), 'l.txt')])
/** What a client sends for a view that reads it, with its type. */
const CONTENTS: Partial<Record<Body, readonly [type: string, content: string]>> = {
  document: ['application/json', JSON.stringify({ text: UPLOAD })],
  form: [MULTIPART, FORM.toString()],
}

export interface Sent {
  readonly id: string
  readonly plan: Plan
  seen: Seen
  /** Whether its client went away before it had the whole response. */
  left: boolean
  hung: boolean
}

/** The requests of a conversation, before they are sent. */
export const sentOf = ({ plans }: Conversation, nextId: () => string): Sent[] =>
  plans.map(plan => ({ id: nextId(), plan, seen: NOTHING, left: false, hung: false }))

/** The parts of a request that carries a plan. */
export function requestOf(id: string, plan: Plan) {
  const { scope, hasSession } = plan
  const isWrong = scope === 'wrong method'
  const method = isWrong ? 'PUT' : plan.method
  const [type, content] = CONTENTS[plan.body] ?? ['text/plain', UPLOAD]
  return {
    type,
    method,
    path: PREFIXES[isWrong ? 'app' : scope] + id,
    cookie: hasSession ? cookieOf(id) : undefined,
    content: method === 'POST' || method === 'PUT' ? content : '',
  }
}

function textOf(id: string, plan: Plan): string {
  const { method, path, type, content, ...given } = requestOf(id, plan)
  const cookie = given.cookie === undefined ? '' : `Cookie: ${given.cookie}\r\n`
  const length = content === '' ? '' : `Content-Type: ${type}\r\nContent-Length: ${content.length}\r\n`
  return (
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${ID}: ${id}\r\n${PLAN}: ${JSON.stringify(plan)}\r\n` +
    `${cookie}${length}\r\n${content}`
  )
}

/** The moments of a cut that are steps of the request, by what the ledger notes at them. */
export const STEPS = { view: 'view', settled: 'view ended', teardown: 'App.teardown1' } as const

const isHead = (plan: Plan | undefined): boolean => plan?.method === 'HEAD' && plan.scope !== 'wrong method'

/** Has one conversation over HTTP/1.1 with a server, to its end. */
export class Client {
  /** Whether a response waits for those before it. */
  readonly isOrdered = true
  readonly sent: readonly Sent[]
  readonly problems: string[] = []
  private readonly socket: Socket
  private readonly reader: Reader
  private answered = 0
  private written = 0
  private hasLeft = false

  constructor(
    port: number,
    private readonly conversation: Conversation,
    private readonly ledger: Ledger,
    nextId: () => string,
  ) {
    this.sent = sentOf(conversation, nextId)
    this.reader = new Reader(
      () => isHead(this.sent[this.answered]?.plan),
      seen => this.take(seen),
    )
    this.socket = connect(port, '127.0.0.1')
  }

  /** Resolves when the connection is closed, by whomever. */
  run(): Promise<void> {
    const { socket } = this
    this.watch()
    return new Promise(resolve => {
      const timer = setTimeout(() => {
        for (const each of this.sent.slice(this.answered, this.written)) each.hung = !this.hasLeft
        socket.destroy()
      }, PATIENCE)
      socket
        .on('connect', () => {
          socket.cork()
          this.conversation.plans.forEach((_, index) => this.writeIf(index === 0 || this.isPiped))
          socket.uncork()
        })
        .on('data', data => {
          timer.refresh()
          this.receive(data)
        })
        .on('error', () => undefined)
        .on('close', () => {
          clearTimeout(timer)
          this.end()
          resolve()
        })
    })
  }

  private get isPiped(): boolean {
    return this.conversation.pipelined
  }

  /** Goes away at the planned moment, and when a stream says nothing any more. */
  private watch(): void {
    const { cut } = this.conversation
    for (const { id } of this.sent) this.ledger.watch(id, 'stuck', () => this.leave('end'))
    const target = cut && this.sent[cut.at]
    if (target === undefined || ['half sent', 'sent', 'bytes'].includes(cut?.when ?? '')) return
    this.ledger.watch(target.id, STEPS[cut?.when as 'view'], () => this.leave())
  }

  private writeIf(may: boolean): void {
    const index = this.written
    const next = this.sent[index]
    if (!may || next === undefined || this.hasLeft) return
    this.written++
    const { cut } = this.conversation
    const text = textOf(next.id, next.plan)
    const isHalf = cut?.at === index && cut.when === 'half sent'
    // A slow body arrives in two parts.
    const isSlow = next.plan.pace === 'turn' && !this.isPiped
    const firstPart = isHalf || isSlow ? text.slice(0, -requestOf(next.id, next.plan).content.length / 2) : text
    this.socket.write(firstPart === '' ? text : firstPart)
    if (isSlow && !isHalf && firstPart !== '') setImmediate(() => this.socket.write(text.slice(firstPart.length)))
    if (isHalf) this.written = this.sent.length // what follows would be taken for the rest of it
    if (isHalf || (cut?.at === index && cut.when === 'sent')) setImmediate(() => this.leave(isHalf ? 'end' : cut?.how))
  }

  private receive(data: Buffer): void {
    if (this.hasLeft && this.socket.destroyed) return
    try {
      this.reader.feed(data)
    } catch (error) {
      this.problems.push(String(error))
      this.socket.destroy()
    }
    const { cut } = this.conversation
    if (cut?.when === 'bytes' && cut.at === this.answered && this.reader.rest().bytes >= cut.bytes) this.leave()
  }

  private take(seen: Seen): void {
    const each = this.sent[this.answered++]
    if (each === undefined) return void this.problems.push('a response that nobody asked for')
    each.seen = seen
    if (this.answered === this.sent.length) this.socket.end()
    else if (!this.isPiped) this.writeIf(true)
  }

  private leave(how = this.conversation.cut?.how ?? 'end'): void {
    if (this.hasLeft) return
    this.hasLeft = true
    for (const each of this.sent.slice(this.answered)) each.left = true
    if (how === 'half') this.socket.end()
    else if (how === 'reset') this.socket.resetAndDestroy()
    else this.socket.destroy()
  }

  private end(): void {
    const current = this.sent[this.answered]
    if (current !== undefined) current.seen = this.reader.rest()
    // A client that has all of it leaves a connection that says nothing more.
    else if (this.reader.rest().bytes > 0) this.problems.push('more than was asked for')
  }
}
