import { Duplex } from 'node:stream'

/** The most bytes that are read at once, as from a socket: so a large body may be received in part. */
const CHUNK_LENGTH = 65_536

type Done = (error?: Error | null) => void

/**
 * One end of a connection in memory, for Node's own HTTP client and server: a test sees what a client behind a socket
 * sees, also where the connection breaks.
 */
export class MemorySocket extends Duplex {
  readonly remoteAddress = '127.0.0.1'
  declare private other: MemorySocket
  /** Ends a write of the other end that waits until this end has read enough. */
  private written: Done | undefined
  private timer: NodeJS.Timeout | undefined

  /** @param encrypted whether Koa takes the connection for https */
  private constructor(readonly encrypted: boolean) {
    super()
  }

  /** The two ends of a new connection. */
  static pair(encrypted: boolean): readonly [client: MemorySocket, server: MemorySocket] {
    const [client, server] = [new MemorySocket(encrypted), new MemorySocket(encrypted)]
    client.other = server
    server.other = client
    return [client, server]
  }

  override _read(): void {
    this.endWrite()
  }

  /** The other end reads in a later tick, as behind a socket: what it answers must not arrive within the write. */
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    process.nextTick(() => this.deliver(chunk, done))
  }

  private deliver(chunk: Buffer, done: Done): void {
    const { other } = this
    this.timer?.refresh()
    other.timer?.refresh()
    let hasRoom = true
    for (let start = 0; start < chunk.length; start += CHUNK_LENGTH) {
      hasRoom = other.push(chunk.subarray(start, start + CHUNK_LENGTH))
    }
    if (hasRoom || other.destroyed) done()
    else other.written = done
  }

  override _final(done: Done): void {
    this.other.push(null)
    done()
  }

  /** The other end reads what was written before, and then the end. */
  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.timer)
    process.nextTick(() => {
      this.other.push(null)
      this.endWrite()
    })
    done(error)
  }

  private endWrite(): void {
    const { written } = this
    this.written = undefined
    written?.()
  }

  // The methods of `net.Socket` that Node's HTTP and applications call.

  destroySoon(): void {
    this.end(() => this.destroy())
  }

  resetAndDestroy(): this {
    return this.destroy()
  }

  setTimeout(milliseconds: number, listener?: () => void): this {
    clearTimeout(this.timer)
    if (milliseconds === 0) return this
    this.timer = setTimeout(() => this.emit('timeout'), milliseconds)
    if (listener !== undefined) this.once('timeout', listener)
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }
}
