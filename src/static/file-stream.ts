import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'

/** As Node reads files. */
const CHUNK = 64 * 1024

/** The bytes of a file that are sent: `end` is the first that is not. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads a part of a file, and closes the file at its end, its error or when it is destroyed. Unlike a stream of Node's it fails
 * if the file has become shorter: its response has named a length, and its client would wait for the rest.
 */
export class FileStream extends Readable {
  readonly #handle: FileHandle
  readonly #path: string
  readonly #end: number
  #position: number

  constructor(handle: FileHandle, path: string, { start, end }: ByteRange) {
    super({ highWaterMark: CHUNK })
    this.#handle = handle
    this.#path = path
    this.#position = start
    this.#end = end
  }

  override _read(): void {
    const length = Math.min(CHUNK, this.#end - this.#position)
    if (length === 0) this.push(null)
    else
      this.#handle.read(Buffer.allocUnsafeSlow(length), 0, length, this.#position).then(
        ({ bytesRead, buffer }) => this.#take(buffer.subarray(0, bytesRead)),
        (error: unknown) => this.destroy(error as Error),
      )
  }

  #take(chunk: Buffer): void {
    this.#position += chunk.length
    if (chunk.length > 0) this.push(chunk)
    else this.destroy(new Error(`${this.#path} has become shorter while it was sent, so its response is cut off.`))
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#handle.close().then(() => {
      callback(error)
    }, callback)
  }
}
