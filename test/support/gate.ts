/** A place where one request waits, without any clock, until the test lets it go on. */
export class Gate {
  /** Resolves when a caller waits. */
  readonly reached: Promise<void>
  readonly #opened: Promise<void>
  #reach = () => {}
  #open = () => {}

  constructor() {
    this.reached = new Promise(resolve => (this.#reach = resolve))
    this.#opened = new Promise(resolve => (this.#open = resolve))
  }

  async pass(): Promise<void> {
    this.#reach()
    await this.#opened
  }

  open(): void {
    this.#open()
  }
}

/** Lets all that can go on without the outside go on. */
export const settled = () => new Promise<void>(resolve => setImmediate(() => setImmediate(resolve)))
