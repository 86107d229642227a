import { statSync, watch, type FSWatcher } from 'node:fs'
import { dirname, join } from 'node:path'
import { entriesOf, isForeign } from './project-files'

/** How long after a change the files are looked at, in milliseconds: an editor writes a file in several steps. */
const SETTLE_MS = 50

/**
 * Watches files. Of each folder that has one there is a watcher: one of a file would end when an editor puts another file in its
 * place.
 */
export class FileWatcher {
  readonly #changed: () => void
  readonly #warn: (line: string) => void
  /** The files with their last states. */
  readonly #files = new Map<string, string>()
  readonly #folders = new Map<string, FSWatcher>()
  /** Of which all files are watched. */
  #root: string | undefined
  #timer: NodeJS.Timeout | undefined

  /**
   * @param changed called after a change, also several times for one change
   * @param warn gets a line when a folder can't be watched
   */
  constructor(changed: () => void, warn: (line: string) => void) {
    this.#changed = changed
    this.#warn = warn
  }

  /** @param since a file that was changed after this time, in milliseconds, counts as a change */
  add(files: readonly string[], since: number): void {
    for (const file of files) {
      const hasChanged = timeOf(file) > since
      this.#files.set(file, hasChanged ? OUTDATED : stateOf(file))
      this.#watch(dirname(file))
      if (hasChanged) this.#schedule()
    }
  }

  /** Watches all files of a folder, and of the folders in it, also those that will be there. */
  addFolder(folder: string): void {
    this.#root = folder
    this.#scan(folder)
  }

  /** Forgets the files. Their folders stay watched. */
  forget(): void {
    this.#root = undefined
    this.#files.clear()
    clearTimeout(this.#timer)
  }

  close(): void {
    this.forget()
    for (const watcher of this.#folders.values()) watcher.close()
    this.#folders.clear()
  }

  #scan(folder: string): void {
    this.#watch(folder)
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !isForeign(entry.name)) this.#scan(path)
      // A log changes with each start, which would start the application again.
      if (entry.isFile() && !entry.name.endsWith('.log')) this.#files.set(path, stateOf(path))
    }
  }

  #watch(folder: string): void {
    if (this.#folders.has(folder)) return
    try {
      this.#folders.set(
        folder,
        watch(folder, () => this.#schedule()).on('error', () => this.#folders.delete(folder)),
      )
    } catch (error) {
      this.#warn(`Changes in ${folder} are not seen: ${(error as Error).message}`)
    }
  }

  #schedule(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (this.#hasChanged()) this.#changed()
    }, SETTLE_MS)
  }

  #hasChanged(): boolean {
    const known = new Map(this.#files)
    if (this.#root !== undefined) this.#scan(this.#root)
    return this.#files.size > known.size || [...known].some(([file, state]) => stateOf(file) !== state)
  }
}

const OUTDATED = 'outdated'
const MISSING = { mtimeMs: 0, size: 0 }

const statsOf = (file: string) => statSync(file, { throwIfNoEntry: false }) ?? MISSING
/** When a file was changed, in milliseconds. */
const timeOf = (file: string): number => statsOf(file).mtimeMs

/** Changes with the file. With its size, because a system may count the time of a file in steps of some milliseconds. */
function stateOf(file: string): string {
  const { mtimeMs, size } = statsOf(file)
  return `${mtimeMs} ${size}`
}
