import type { Readable } from 'node:stream'
import { whenResponseIsOut } from '../connection/abort-signal'
import { toError } from '../errors/describe'
import type { Context } from '../types'
import { boundaryOf } from './boundary'
import { createBusboy, type Busboy } from './busboy'
import { clientName } from './client-name'
import { FileStream } from './file-stream'
import type { ResolvedLimits } from './limits'
import type { FilePart, Part } from './part'
import { PartCount } from './part-count'
import { receiveBody, type Receiving } from './receive-body'
import { checkName, refusal } from './refuse'
import { requestEnded } from './request-ended'

/** The limits of a part's head. */
const HEAD_BYTES = 16 * 1024
const HEAD_FIELDS = 50
const NAME_LENGTH = 1000

/**
 * More than one chunk of a body has. The parser must not wait for its streams: it may wait forever for one that has ended.
 */
const ENDLESS = 2 ** 30

/**
 * Takes a multipart body apart. It is read no faster than its parts are: as long as one is left to be taken, or a file's
 * stream is full, nothing more is read from the connection.
 */
export class Multipart {
  readonly #limits: ResolvedLimits
  readonly #parser: Busboy
  readonly #count: PartCount
  /** The parts whose head says what they are. */
  #known = 0
  readonly #receiving: Receiving
  /** The parts that were found, but not taken yet. */
  #parts: Part[] = []
  /** The file that was taken last. */
  #current: FileStream | undefined
  #error: Error | undefined
  #isWhole = false
  /** Whether the parser has room for the next chunk. */
  #isReady = true
  #notify: (() => void) | undefined

  /**
   * @param kept the body, if it has been read before
   * @throws HttpError 400, 413 and 415 for a body of which nothing is read
   */
  constructor(ctx: Context, limits: ResolvedLimits, kept?: Readable) {
    this.#limits = limits
    const boundary = boundaryOf(ctx)
    this.#parser = this.#createParser(boundary)
    this.#count = new PartCount(boundary)
    const data = (chunk: Buffer) => {
      this.#receiving.stream.pause()
      this.#isReady = false
      this.#parse(() =>
        this.#parser.write(chunk, () => {
          this.#isReady = true
          this.#readOn()
        }),
      )
      this.#count.add(chunk)
      if (this.#known < this.#count.ended) this.fail(refusal(400, UNKNOWN_PART))
    }
    const end = () => {
      this.#parse(() => this.#parser.end())
    }
    const fail = (error: Error) => {
      this.fail(error)
    }
    this.#receiving = receiveBody(ctx, limits.form, { whole: 'form', data, end, fail }, kept)
    whenResponseIsOut(ctx, () => {
      fail(requestEnded(ctx))
    })
  }

  /** The next part; `undefined` behind the last one. The rest of the file before it is skipped. */
  async next(): Promise<Part | undefined> {
    this.#current?.destroy()
    for (;;) {
      this.#assertGood()
      const part = this.#parts.shift()
      this.#readOn()
      if (part !== undefined) {
        this.#current = part.stream as FileStream | undefined
        const isPart = !(await isAbsent(part))
        this.#assertGood()
        if (isPart) return part
      } else if (this.#isWhole) return undefined
      else await new Promise<void>(resolve => (this.#notify = resolve))
    }
  }

  /** Ends the reading: whatever waits for a part, or for the bytes of a file, gets the error. */
  fail(error: Error): void {
    if (this.#error !== undefined) return
    this.#error = error
    if (!this.#isWhole) this.#receiving.stop()
    for (const { stream } of [{ stream: this.#current }, ...this.#parts]) stream?.destroy(error)
    this.#parts = []
    this.#notify?.()
  }

  #assertGood(): void {
    if (this.#error !== undefined) throw this.#error
  }

  #readOn(): void {
    const isWanted = this.#parts.length === 0 && this.#current?.isFull !== true
    if (this.#isReady && isWanted && this.#error === undefined) this.#receiving.stream.resume()
  }

  #createParser(boundary: string): Busboy {
    const { fileSize, fieldSize, files, fields } = this.#limits
    const tooMany = (what: string) => () => {
      this.fail(refusal(413, `the form has more than ${what}`))
    }
    return createBusboy({
      headers: { 'content-type': `multipart/form-data; boundary="${boundary.replace(/["\\]/g, '\\$&')}"` },
      preservePath: true,
      fileHwm: ENDLESS,
      isPartAFile: (_name, _type, filename) => {
        this.#known++
        return filename !== undefined
      },
      limits: {
        ...{ fileSize, fieldSize, files, fields, parts: files + fields },
        ...{ headerSize: HEAD_BYTES, headerPairs: HEAD_FIELDS },
      },
    })
      .on('file', (name, source, filename, _encoding, type) => {
        const stream = new FileStream(source, () => {
          this.#readOn()
        })
        source.once('limit', () => this.fail(refusal(413, `the file ${quoted(name)} is larger than ${fileSize} bytes`)))
        this.#add(name, { filename: clientName(filename), type, stream })
      })
      .on('field', (name, value, _isNameCut, isCut) => {
        if (isCut) this.fail(refusal(413, `the field ${quoted(name)} is larger than ${fieldSize} bytes`))
        else this.#add(name, { value })
      })
      .on('filesLimit', tooMany(`${files} files`))
      .on('fieldsLimit', tooMany(`${fields} fields`))
      .on('partsLimit', tooMany(`${files + fields} parts`))
      .on('error', () => {
        this.fail(malformed())
      })
      .on('finish', () => {
        this.#isWhole = true
        this.#notify?.()
      })
  }

  #add(name: string | undefined, part: Omit<FilePart, 'name'> | { readonly value: string }): void {
    try {
      if (name === undefined) throw refusal(400, 'a part of the form has no name')
      if (name.length > NAME_LENGTH) throw refusal(413, `a name in the form is longer than ${NAME_LENGTH} characters`)
      checkName(name)
      // Behind an error the parser still goes through the chunk that it has.
      if (this.#error === undefined) this.#parts.push({ name, ...part })
      this.#notify?.()
    } catch (error) {
      this.fail(toError(error))
    }
  }

  /** The parser throws at some of what it can't read. */
  #parse(step: () => void): void {
    try {
      step()
    } catch {
      this.fail(malformed())
    }
  }
}

/** RFC 7578 4.2. The parser leaves such a part out. */
const UNKNOWN_PART = 'a part of the form has no Content-Disposition that is form-data with a name'

const malformed = () => refusal(400, 'the body is not multipart/form-data, or it ends too early')

const quoted = (name: string | undefined): string => JSON.stringify(name?.slice(0, NAME_LENGTH) ?? '')

/** Browsers send an empty file without a name for an input without a file. */
const isAbsent = async ({ filename, stream }: Part & { readonly filename?: string }): Promise<boolean> =>
  filename === '' && (await (stream as FileStream).isEmpty)
