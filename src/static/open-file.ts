import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { FileStream, type ByteRange } from './file-stream'
import { unlessMissing } from './missing'
import { pathWithin } from './safe-path'

/** A named pipe would wait for its writer. Windows knows neither flag: there they are `undefined`, which counts as 0. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK
const READ_NO_LINK = READ | constants.O_NOFOLLOW

/** A regular file that is open for reading. It must be closed, or its stream read or destroyed. */
export class OpenFile {
  readonly path: string
  /** In bytes. */
  readonly size: number
  /** When it was changed last, in milliseconds. */
  readonly mtimeMs: number
  /** The same in nanoseconds. */
  readonly mtimeNs: bigint
  readonly #handle: FileHandle

  private constructor(path: string, handle: FileHandle, stats: { size: bigint; mtimeMs: bigint; mtimeNs: bigint }) {
    this.path = path
    this.#handle = handle
    this.size = Number(stats.size)
    this.mtimeMs = Number(stats.mtimeMs)
    this.mtimeNs = stats.mtimeNs
  }

  /**
   * @returns `undefined` for a folder, a device or a named pipe
   * @throws the system's error if it can't be opened
   */
  static async open(path: string, flags = READ): Promise<OpenFile | undefined> {
    const handle = await open(path, flags)
    const stats = await handle.stat({ bigint: true })
    if (stats.isFile()) return new OpenFile(path, handle, stats)
    await handle.close()
    return undefined
  }

  /** The file of that name in a folder; `undefined` if it has none that a client may have. */
  static async openWithin(folder: string, filename: string): Promise<OpenFile | undefined> {
    const path = await pathWithin(folder, filename)
    // The path has no link in it: one that is there now was put there meanwhile.
    return path === undefined ? undefined : unlessMissing(OpenFile.open(path, READ_NO_LINK))
  }

  stream(range: ByteRange): FileStream {
    return new FileStream(this.#handle, this.path, range)
  }

  /** Does nothing for a file that is closed. */
  close(): Promise<void> {
    return this.#handle.close()
  }
}
