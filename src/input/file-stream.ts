import { Readable } from 'node:stream'

/** The bytes of one file of a form, as they arrive. When it is destroyed, the rest of the file is skipped. */
export class FileStream extends Readable {
  /** Whether the file has no bytes: known at its first byte, or its end. */
  readonly isEmpty: Promise<boolean>
  readonly #source: Readable

  /** @param source the parser's, which must be read to its end for the form to go on */
  constructor(source: Readable) {
    super()
    this.#source = source
    this.isEmpty = new Promise(resolve => {
      source.once('data', () => resolve(false)).once('end', () => resolve(true))
      this.once('close', () => resolve(false))
    })
    // They fail when the form fails, which reports that itself.
    for (const each of [this, source]) each.on('error', () => undefined)
    source.on('data', (chunk: Buffer) => {
      if (!this.push(chunk) && !this.destroyed) source.pause()
    })
    source.once('end', () => this.push(null))
  }

  override _read(): void {
    this.#source.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#source.resume()
    done(error)
  }
}
