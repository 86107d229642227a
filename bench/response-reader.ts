/** The response to one request. The body is kept only if a check reads it. */
export interface Answer {
  readonly status: number
  /** The status line and the header lines. */
  readonly head: string
  readonly length: number
  readonly body: Buffer | undefined
}

type State = 'head' | 'body' | 'size' | 'chunk' | 'chunk end' | 'last'

const HEAD_END = Buffer.from('\r\n\r\n')
const LINE_END = Buffer.from('\r\n')

/** Splits a connection's bytes into responses. It understands only the part of HTTP/1.1 that the servers use, to stay cheap. */
export class ResponseReader {
  private pending: Buffer | undefined
  private state: State = 'head'
  private left = 0
  private status = 0
  private head = ''
  private length = 0
  private parts: Buffer[] = []

  constructor(
    private readonly onAnswer: (answer: Answer) => void,
    private readonly keepsBody = false,
  ) {}

  feed(data: Buffer): void {
    const buffer = this.pending === undefined ? data : Buffer.concat([this.pending, data])
    let at = 0
    for (let next = this.step(buffer, at); next !== undefined; next = this.step(buffer, at)) at = next
    this.pending = at < buffer.length ? buffer.subarray(at) : undefined
  }

  /** Where the next step begins; `undefined` when it needs more bytes. */
  private step(buffer: Buffer, at: number): number | undefined {
    if (at >= buffer.length) return undefined
    if (this.state === 'head') return this.readHead(buffer, at)
    if (this.state === 'body' || this.state === 'chunk') return this.readBody(buffer, at)
    if (this.state === 'size') return this.readSize(buffer, at)
    if (at + 2 > buffer.length) return undefined
    if (this.state === 'last') this.finish()
    else this.state = 'size'
    return at + 2
  }

  private readHead(buffer: Buffer, at: number): number | undefined {
    const end = buffer.indexOf(HEAD_END, at)
    if (end < 0) return undefined
    this.head = buffer.toString('latin1', at, end)
    this.status = Number(this.head.slice(9, 12))
    const length = /\r\ncontent-length: *(\d+)/i.exec(this.head)?.[1]
    if (length === undefined && /\r\ntransfer-encoding: *chunked/i.test(this.head)) this.state = 'size'
    else if (length === undefined && this.status !== 204 && this.status !== 304)
      throw new Error(`an answer without a length:\n${this.head}`)
    else this.expect(Number(length ?? 0), 'body')
    return end + 4
  }

  private readSize(buffer: Buffer, at: number): number | undefined {
    const end = buffer.indexOf(LINE_END, at)
    if (end < 0) return undefined
    const size = parseInt(buffer.toString('latin1', at, end), 16)
    if (size === 0) this.state = 'last'
    else this.expect(size, 'chunk')
    return end + 2
  }

  private readBody(buffer: Buffer, at: number): number {
    const end = Math.min(at + this.left, buffer.length)
    if (this.keepsBody) this.parts.push(buffer.subarray(at, end))
    this.left -= end - at
    this.length += end - at
    if (this.left === 0 && this.state === 'body') this.finish()
    else if (this.left === 0) this.state = 'chunk end'
    return end
  }

  private expect(size: number, state: State): void {
    this.left = size
    this.state = state
    if (size === 0) this.finish()
  }

  private finish(): void {
    const { status, head, length } = this
    const body = this.keepsBody ? Buffer.concat(this.parts) : undefined
    this.state = 'head'
    this.length = 0
    this.parts = []
    this.onAnswer({ status, head, length, body })
  }
}
