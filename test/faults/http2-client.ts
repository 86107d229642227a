import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { PATIENCE, requestOf, sentOf, STEPS, type Sent } from './client'
import { ID, PLAN, type Ledger } from './ledger'
import type { Conversation, Http2Conversation } from './plan'

/** How many turns of the event loop a client that has stopped reading waits: the server has filled the window by then. */
const TURNS = 20

/** Has one conversation over HTTP/2 with a server, to its end. */
export class Http2Client {
  readonly isOrdered = false
  readonly sent: readonly Sent[]
  readonly problems: string[] = []
  private readonly streams: (ClientHttp2Stream | undefined)[] = []
  private readonly socket: Socket
  private readonly session: ClientHttp2Session
  private readonly http2: Http2Conversation
  private timer: NodeJS.Timeout | undefined
  private open = 0
  private readonly isDone: boolean[] = []

  constructor(
    port: number,
    private readonly conversation: Conversation,
    private readonly ledger: Ledger,
    nextId: () => string,
  ) {
    this.sent = sentOf(conversation, nextId)
    this.http2 = conversation.http2 as Http2Conversation
    this.socket = connect(port, '127.0.0.1')
    this.session = connectHttp2(`http://127.0.0.1:${port}`, {
      createConnection: () => this.socket,
      settings: { initialWindowSize: this.http2.window },
    })
  }

  /** Resolves when the connection is closed, by whomever. */
  run(): Promise<void> {
    const { session } = this
    this.watch()
    return new Promise(resolve => {
      this.timer = setTimeout(() => {
        this.sent.forEach((each, index) => (each.hung = this.isOpen(index) && !each.left))
        session.destroy()
      }, PATIENCE)
      session.on('error', () => undefined).on('goaway', () => undefined)
      session.on('close', () => {
        clearTimeout(this.timer)
        resolve()
      })
      session.on('connect', () => {
        const count = this.conversation.pipelined ? this.sent.length : 1
        for (let index = 0; index < count; index++) this.send(index)
      })
    })
  }

  private isOpen(index: number): boolean {
    return this.streams[index] !== undefined && !this.isDone[index]
  }

  /** Goes away at the planned moment, and from a stream that says nothing any more. */
  private watch(): void {
    this.sent.forEach(({ id }, index) => this.ledger.watch(id, 'stuck', () => this.leaveStream(index)))
    const { cut } = this.conversation
    const target = cut && this.sent[cut.at]
    if (target === undefined || !((cut?.when as string) in STEPS)) return
    this.ledger.watch(target.id, STEPS[cut?.when as 'view'], () => this.leave(cut?.at as number))
  }

  private send(index: number): void {
    const each = this.sent[index] as Sent
    if (this.session.destroyed || this.session.closed) return
    const { method, path, cookie, type, content } = requestOf(each.id, each.plan)
    const fields = { [ID]: each.id, [PLAN]: JSON.stringify(each.plan), ...(cookie === undefined ? {} : { cookie }) }
    const request = { ':method': method, ':path': path, 'content-type': type, ...fields }
    const stream = this.session.request(request, { endStream: content === '' })
    this.streams[index] = stream
    this.open++
    this.receive(stream, index)
    const cut = this.conversation.cut?.at === index ? this.conversation.cut : undefined
    if (content !== '') {
      if (cut?.when === 'half sent') stream.write(content.slice(0, content.length / 2))
      else stream.end(content)
    }
    if (cut?.when === 'half sent' || cut?.when === 'sent') setImmediate(() => this.leave(index))
  }

  private receive(stream: ClientHttp2Stream, index: number): void {
    const each = this.sent[index] as Sent
    let [status, head, body, isWhole] = [0, '', '', false]
    stream.setEncoding('latin1')
    stream
      .on('response', fields => {
        status = fields[':status'] as number
        head = `\r\n${Object.entries(fields)
          .map(([name, value]) => `${name}: ${String(value)}\r\n`)
          .join('')}`
        this.received(index, 0)
      })
      .on('data', (data: string) => {
        body += data
        this.received(index, body.length)
      })
      // Node also ends the streams of a session whose connection was closed.
      .on('end', () => (isWhole = !this.session.destroyed))
      .on('error', () => undefined)
      .on('close', () => {
        isWhole &&= stream.rstCode === 0 && status !== 0 && !each.left
        const kind = isWhole ? 'complete' : status === 0 ? 'nothing' : 'broken'
        each.seen = { kind, status, head, body, bytes: body.length }
        this.closed(index)
      })
  }

  private received(index: number, bytes: number): void {
    this.timer?.refresh()
    const { cut } = this.conversation
    if (cut?.when !== 'bytes' || cut.at !== index || bytes < Math.min(cut.bytes, this.http2.window)) return
    const stream = this.streams[index] as ClientHttp2Stream
    if (!this.http2.stopsReading) return this.leave(index)
    stream.pause()
    const wait = (turns: number) => {
      if (turns === 0) this.leave(index)
      else setImmediate(() => wait(turns - 1))
    }
    wait(TURNS)
  }

  private closed(index: number): void {
    this.open--
    this.isDone[index] = true
    if (!this.conversation.pipelined && index + 1 < this.sent.length) this.send(index + 1)
    if (this.open === 0) this.session.close()
  }

  private leave(index: number): void {
    const { departure, code } = this.http2
    if (departure === 'stream') return this.leaveStream(index, code)
    this.sent.forEach((each, other) => (each.left ||= this.isOpen(other)))
    if (departure === 'socket') this.socket.resetAndDestroy()
    else if (departure === 'session') this.session.destroy(undefined, code)
    else if (!this.session.destroyed) {
      this.session.goaway(code)
      setImmediate(() => this.session.destroy())
    }
  }

  private leaveStream(index: number, code = this.http2.code): void {
    if (!this.isOpen(index)) return
    ;(this.sent[index] as Sent).left = true
    this.streams[index]?.close(code)
    // A paused stream closes only once it is read.
    this.streams[index]?.resume()
  }
}
