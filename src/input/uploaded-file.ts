import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { awaitable } from './awaitable'
import type { StoredFile } from './stored-file'

type Bytes = Uint8Array<ArrayBuffer>
type WebStream = ReturnType<Blob['stream']>

/** Some of the bytes of a stored file. */
class Range {
  constructor(
    readonly file: StoredFile,
    readonly start: number,
    readonly end: number,
  ) {}

  read(): Readable {
    return this.file.read(this.start, this.end)
  }

  stream(): WebStream {
    return Readable.toWeb(this.read())
  }

  async bytes(): Promise<Bytes> {
    return new Uint8Array(await buffer(this.read()))
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes())
  }

  /** As `Blob.slice`: a number below 0 counts from the end. */
  slice(start = 0, end = this.size, type = ''): Blob {
    const at = (index: number) => Math.min(Math.max(index < 0 ? this.size + index : index, 0), this.size)
    const [from, to] = [at(Math.trunc(start)), at(Math.trunc(end))]
    return new FilePiece(new Range(this.file, this.start + from, this.start + Math.max(from, to)), type)
  }

  get size(): number {
    return this.end - this.start
  }
}

/** In the place of Blob's own: Blob knows nothing of these bytes. */
const setSize = (blob: Blob, value: number) => Object.defineProperty(blob, 'size', { value })

/** What `slice` gives: a Blob that reads the file when it is read. */
class FilePiece extends Blob {
  readonly #range: Range

  constructor(range: Range, type: string) {
    super([], { type })
    this.#range = range
    setSize(this, range.size)
  }

  override stream(): WebStream {
    return this.#range.stream()
  }
  override async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.#range.bytes()).buffer
  }
  override bytes(): Promise<Bytes> {
    return this.#range.bytes()
  }
  override text(): Promise<string> {
    return this.#range.text()
  }
  override slice(start?: number, end?: number, type?: string): Blob {
    return this.#range.slice(start, end, type)
  }
}

/**
 * A file of a form. It is on disk, or in memory up to the size of the option `limits.memory`, until its request has been torn
 * down: `moveTo` keeps it.
 */
export class UploadedFile extends File {
  readonly #range: Range
  readonly #file: StoredFile

  /** @param name the client's name of the file: never a path, but it may be anything else, also empty */
  constructor(file: StoredFile, name: string, type: string) {
    super([], name, { type })
    this.#file = file
    this.#range = new Range(file, 0, file.size)
    setSize(this, file.size)
  }

  /** Where the file is; `undefined` if it is in memory. Not a property of its own: a response in JSON must not tell it. */
  get path(): string | undefined {
    return this.#file.path
  }

  /**
   * Moves the file, or copies it to another disk. A file that is at `path` is replaced. Never use the client's `name` in
   * `path` unchecked: two clients may send the same.
   *
   * @throws Error if the file was moved before, or its request has ended
   */
  moveTo(path: string): Promise<void> {
    return awaitable(() => this.#file.moveTo(path))
  }

  /** A stream of Node's, for `pipeline` or as a response. @throws Error if the file was moved, or its request has ended */
  read(): Readable {
    return this.#range.read()
  }
  override stream(): WebStream {
    return this.#range.stream()
  }
  override async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.#range.bytes()).buffer
  }
  override bytes(): Promise<Bytes> {
    return this.#range.bytes()
  }
  override text(): Promise<string> {
    return this.#range.text()
  }
  override slice(start?: number, end?: number, type?: string): Blob {
    return this.#range.slice(start, end, type)
  }
}
