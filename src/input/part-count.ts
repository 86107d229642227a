/** What is behind a boundary: the end of the form, if it is this. */
const END = '--'

/** Counts the parts of a multipart body as it arrives: the parser passes over those whose head it can't use. */
export class PartCount {
  readonly #delimiter: string
  /** Bytes that may belong to a delimiter. The first one needs no line in front of it. */
  #rest = Buffer.from('\r\n')
  #begun = 0
  #isEnded = false

  constructor(boundary: string) {
    this.#delimiter = `\r\n--${boundary}`
  }

  /** The parts that have ended, at least: of the last one that began, more may follow. */
  get ended(): number {
    return this.#isEnded ? this.#begun : this.#begun - 1
  }

  add(chunk: Buffer): void {
    if (this.#isEnded) return
    const bytes = Buffer.concat([this.#rest, chunk])
    const length = this.#delimiter.length + END.length
    let from = 0
    for (;;) {
      const at = bytes.indexOf(this.#delimiter, from, 'latin1')
      if (at === -1 || at + length > bytes.length) break
      from = at + this.#delimiter.length
      this.#isEnded = bytes.toString('latin1', from, at + length) === END
      if (this.#isEnded) return
      this.#begun++
    }
    this.#rest = bytes.subarray(Math.max(from, bytes.length - length + 1))
  }
}
