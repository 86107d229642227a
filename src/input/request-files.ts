import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import createError, { type HttpError } from 'http-errors'
import { whenResponseIsOut } from '../connection/abort-signal'
import { toError } from '../errors/describe'
import type { Context } from '../types'
import { requestEnded } from './request-ended'
import { DiskFile, MemoryFile, type StoredFile } from './stored-file'

/** What the files of a request need of its lifecycle, if it has one. */
export interface FilesHost {
  /** Whether teardown has run. */
  readonly isOver: boolean
  /** Gives the request one more teardown method, behind all others. */
  addTeardown(method: () => unknown): void
  report(error: Error): void
}

/** What is being removed. */
const removals = new Set<Promise<void>>()

/** Waits until the files of ended requests are gone: a shutdown interrupts a teardown, but not the removal that it waits for. */
export async function filesAreRemoved(): Promise<void> {
  await Promise.allSettled(removals)
}

/** The files of one request's form, in a directory of their own until the request has been torn down. */
export class RequestFiles {
  readonly #ctx: Context
  readonly #host: FilesHost | undefined
  readonly #stop: (error: Error) => void
  /** What writes, and may still make the directory or a file. */
  readonly #writing = new Set<Promise<unknown>>()
  #directory: Promise<string> | undefined
  #removed: Promise<void> | undefined
  #count = 0

  /** @param stop ends the reading of the form */
  constructor(ctx: Context, host: FilesHost | undefined, stop: (error: Error) => void) {
    this.#ctx = ctx
    this.#host = host
    this.#stop = stop
    host?.addTeardown(() => this.remove())
    // A form may be read outside of a lifecycle, or in teardown itself.
    whenResponseIsOut(ctx, () => {
      if (host === undefined || host.isOver) this.remove().catch((error: unknown) => host?.report(toError(error)))
    })
  }

  get isRemoved(): boolean {
    return this.#removed !== undefined
  }

  /** @param memory the size in bytes up to which a file is kept in memory */
  async save(bytes: AsyncIterable<Buffer>, memory: number): Promise<StoredFile> {
    const saving = this.#save(bytes, memory)
    this.#writing.add(saving)
    try {
      return await saving
    } finally {
      this.#writing.delete(saving)
    }
  }

  /** Ends the reading and the writing, and removes what is on disk. */
  remove(): Promise<void> {
    if (this.#removed !== undefined) return this.#removed
    const removed = (this.#removed = this.#remove())
    removals.add(removed)
    const forget = () => removals.delete(removed)
    removed.then(forget, forget)
    return removed
  }

  async #remove(): Promise<void> {
    this.#stop(requestEnded(this.#ctx))
    await Promise.allSettled(this.#writing)
    const directory = await this.#directory?.catch(() => undefined)
    if (directory !== undefined) await rm(directory, { recursive: true, force: true })
  }

  async #save(bytes: AsyncIterable<Buffer>, memory: number): Promise<StoredFile> {
    const chunks: Buffer[] = []
    let size = 0
    let file: { readonly path: string; readonly handle: FileHandle } | undefined
    try {
      for await (const chunk of bytes) {
        size += chunk.length
        if (file === undefined) chunks.push(chunk)
        if (size <= memory) continue
        file ??= await this.#create()
        await this.#onDisk(file.handle.appendFile(chunks.length === 0 ? chunk : Buffer.concat(chunks.splice(0))))
      }
      if (memory > 0 && file === undefined) return new MemoryFile(this, Buffer.concat(chunks))
      file ??= await this.#create()
      return new DiskFile(this, size, file.path)
    } finally {
      await file?.handle.close()
    }
  }

  async #create(): Promise<{ readonly path: string; readonly handle: FileHandle }> {
    const path = join(await this.#place(), String(this.#count++))
    return { path, handle: await this.#onDisk(open(path, 'wx')) }
  }

  async #place(): Promise<string> {
    // mkdtemp lets no other user look into it.
    const directory = await this.#onDisk((this.#directory ??= mkdtemp(join(tmpdir(), 'flaskoa-'))))
    if (this.isRemoved) throw requestEnded(this.#ctx)
    return directory
  }

  async #onDisk<T>(step: Promise<T>): Promise<T> {
    try {
      return await step
    } catch (cause) {
      const what = `an uploaded file can't be written below ${tmpdir()}`
      throw (
        this.noRoom(what, cause) ?? new Error(`${this.#say(what, cause)}. TMPDIR names another directory.`, { cause })
      )
    }
  }

  /** The HttpError 507 of a disk that has no room, which is reported: it is no mistake of the client. */
  noRoom(what: string, cause: unknown): HttpError | undefined {
    if (!NO_ROOM.has((cause as NodeJS.ErrnoException).code as string)) return undefined
    const error = createError(507, this.#say(what, cause), { cause })
    this.#host?.report(error)
    return error
  }

  #say(what: string, cause: unknown): string {
    const { method, path } = this.#ctx
    return `${method} ${path}: ${what}: ${(cause as Error).message}`
  }
}

/** The disk, a quota or the process's limit. */
const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
