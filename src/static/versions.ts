import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isSafe } from './safe-path'

/** `urlFor` can't wait, so a file is read at once, and all requests wait for it: a video has no version. */
const LARGEST = 4 * 1024 * 1024

interface Version {
  readonly size: number
  readonly mtimeMs: number
  /** A part of the hash of its content, so that all servers of an application have the same. */
  readonly text: string
}

/** The versions of the files in a folder. Each file is read once, and again when it has changed. */
export class Versions {
  readonly #folder: string
  /** By the number that the file system gives to a file: where case does not count, a file has many names. */
  readonly #known = new Map<number, Version>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** `undefined` for a file that does not exist, that can't be read or that is larger than 4 MB. */
  of(filename: string): string | undefined {
    if (!isSafe(filename)) return undefined
    try {
      return this.#read(filename)
    } catch {
      return undefined
    }
  }

  #read(filename: string): string | undefined {
    const path = join(this.#folder, filename)
    const stats = statSync(path)
    if (!stats.isFile() || stats.size > LARGEST) return undefined
    const { ino, size, mtimeMs } = stats
    const known = this.#known.get(ino)
    if (known?.size === size && known.mtimeMs === mtimeMs) return known.text
    const text = createHash('sha256').update(readFileSync(path)).digest('base64url').slice(0, 12)
    this.#known.set(ino, { size, mtimeMs, text })
    return text
  }
}
