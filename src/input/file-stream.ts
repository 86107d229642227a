import { Readable } from 'node:stream'

/** The bytes of one file of a form, as they arrive. When it is destroyed, the rest of the file is skipped. */
export class FileStream extends Readable {
  /** Whether it holds so much that nothing more should be read from the connection. */
  isFull = false
  /** Whether the file has no bytes: known at its first byte, or its end. */
  readonly isEmpty: Promise<boolean>
  readonly #onRoom: () => void

  /**
   * @param source the parser's stream of the file
   * @param onRoom called when this stream is no longer full
   */
  constructor(source: Readable, onRoom: () => void) {
    super()
    this.#onRoom = onRoom
    this.isEmpty = new Promise(resolve => {
      source.once('data', () => resolve(false)).once('end', () => resolve(true))
      this.once('close', () => resolve(false))
    })
    // They fail when the form fails, which reports that itself.
    for (const each of [this, source]) each.on('error', () => undefined)
    source.on('data', (chunk: Buffer) => {
      if (!this.destroyed) this.isFull = !this.push(chunk)
    })
    source.once('end', () => this.push(null))
  }

  override _read(): void {
    this.isFull = false
    this.#onRoom()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this._read()
    done(error)
  }
}
