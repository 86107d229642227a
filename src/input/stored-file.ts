import { createReadStream, openSync } from 'node:fs'
import { copyFile, rename, rm, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'

/** A file of a form: on disk, or in memory if it is small. */
export interface StoredFile {
  readonly size: number
  readonly path: string | undefined
  /** @throws Error if the file was moved, or its request has ended */
  read(start: number, end: number): Readable
  moveTo(path: string): Promise<void>
}

/** What a stored file needs of the request's files. */
interface Owner {
  readonly isRemoved: boolean
  /** The error of a disk that has no room. */
  noRoom(what: string, cause: unknown): Error | undefined
}

abstract class Stored {
  #movedTo: string | undefined
  readonly #owner: Owner
  readonly size: number

  constructor(owner: Owner, size: number) {
    this.#owner = owner
    this.size = size
  }

  async moveTo(path: string): Promise<void> {
    this.assertThere()
    this.#movedTo = path
    try {
      await this.move(path)
    } catch (error) {
      this.#movedTo = undefined
      if (this.#owner.isRemoved) throw gone(error)
      const noRoom = this.#owner.noRoom(`an uploaded file can't be moved to ${path}`, error)
      if (noRoom !== undefined) await rm(path, { force: true }) // a part of the file
      throw noRoom ?? error
    }
  }

  protected assertThere(): void {
    if (this.#movedTo !== undefined) throw new Error(`the uploaded file was moved to ${this.#movedTo}: read it there`)
    if (this.#owner.isRemoved) throw gone()
  }

  protected abstract move(path: string): Promise<void>
}

export class DiskFile extends Stored implements StoredFile {
  readonly path: string

  constructor(owner: Owner, size: number, path: string) {
    super(owner, size)
    this.path = path
  }

  read(start: number, end: number): Readable {
    this.assertThere()
    if (start >= end) return Readable.from([])
    // Opened now, so that the stream can be sent as a response: the file is removed before.
    return createReadStream('', { fd: openSync(this.path, 'r'), start, end: end - 1 })
  }

  /** Moved, or copied to another disk. */
  protected async move(path: string): Promise<void> {
    try {
      await rename(this.path, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
      await copyFile(this.path, path)
    }
  }
}

export class MemoryFile extends Stored implements StoredFile {
  readonly path = undefined
  readonly #bytes: Buffer

  constructor(owner: Owner, bytes: Buffer) {
    super(owner, bytes.length)
    this.#bytes = bytes
  }

  read(start: number, end: number): Readable {
    this.assertThere()
    return Readable.from(start >= end ? [] : [this.#bytes.subarray(start, end)], { objectMode: false })
  }

  protected move(path: string): Promise<void> {
    return writeFile(path, this.#bytes)
  }
}

const gone = (cause?: unknown) =>
  new Error(
    'the uploaded file is gone: a request removes its files when it ends. Keep one with moveTo(path), or read it before',
    { cause },
  )
