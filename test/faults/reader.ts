/** What came back for one request: a whole response, part of one, or nothing. */
export interface Seen {
  readonly kind: 'complete' | 'broken' | 'nothing'
  readonly status: number
  /** The status line and the fields. */
  readonly head: string
  readonly body: string
  /** As it came over the connection, head included. */
  readonly bytes: number
}

export const NOTHING: Seen = { kind: 'nothing', status: 0, head: '', body: '', bytes: 0 }

type Length = { readonly kind: 'known'; readonly bytes: number } | { readonly kind: 'chunked' }

/** Takes a connection's bytes apart into responses. Throws at anything that is not well formed. */
export class Reader {
  private text = ''
  private head = ''
  private body = ''
  private bytes = 0
  private length: Length | undefined
  received = 0

  /** @param isHead whether the next response answers HEAD, and so has no body */
  constructor(
    private readonly isHead: () => boolean,
    private readonly onSeen: (seen: Seen) => void,
  ) {}

  feed(data: Buffer): void {
    this.received += data.length
    this.text += data.toString('latin1')
    while (this.readOne()) this.finish()
  }

  /** What there is of a response that has no end. */
  rest(): Seen {
    const bytes = this.bytes + this.text.length
    return bytes === 0 ? NOTHING : { kind: 'broken', status: this.status, head: this.head, body: this.body, bytes }
  }

  private get status(): number {
    return Number(this.head.slice(9, 12)) // 0 as long as there is none
  }

  /** Whether a whole response was read. */
  private readOne(): boolean {
    if (this.length === undefined && !this.readHead()) return false
    const length = this.length as Length
    return length.kind === 'chunked' ? this.readChunks() : this.readBytes(length.bytes)
  }

  private readHead(): boolean {
    const end = this.text.indexOf('\r\n\r\n')
    if (end === -1) return false
    this.head = this.take(end + 4)
    if (!this.head.startsWith('HTTP/1.1 ')) throw new Error(`no response: ${JSON.stringify(this.head.slice(0, 200))}`)
    this.length = this.lengthOf()
    return true
  }

  private lengthOf(): Length {
    if (this.isHead() || this.status === 204 || this.status === 304) return { kind: 'known', bytes: 0 }
    const known = /\r\ncontent-length: (\d+)\r\n/i.exec(this.head)?.[1]
    const isChunked = /\r\ntransfer-encoding: chunked\r\n/i.test(this.head)
    if ((known === undefined) !== isChunked) throw new Error(`no one length: ${JSON.stringify(this.head)}`)
    return known === undefined ? { kind: 'chunked' } : { kind: 'known', bytes: Number(known) }
  }

  private readBytes(length: number): boolean {
    this.body += this.take(Math.min(length - this.body.length, this.text.length))
    return this.body.length === length
  }

  private readChunks(): boolean {
    for (;;) {
      const end = this.text.indexOf('\r\n')
      if (end === -1) return false
      const size = this.text.slice(0, end)
      if (!/^[0-9a-f]+$/i.test(size)) throw new Error(`no chunk: ${JSON.stringify(this.text.slice(0, 200))}`)
      const length = parseInt(size, 16)
      if (this.text.length < end + length + 4) return false
      this.take(end + 2)
      this.body += this.take(length)
      if (this.take(2) !== '\r\n') throw new Error('a chunk without an end')
      if (length === 0) return true
    }
  }

  private take(length: number): string {
    const taken = this.text.slice(0, length)
    this.text = this.text.slice(length)
    this.bytes += length
    return taken
  }

  private finish(): void {
    const { status, head, body, bytes } = this
    this.length = undefined
    this.head = this.body = ''
    this.bytes = 0
    this.onSeen({ kind: 'complete', status, head, body, bytes })
  }
}
