import { interruption } from './interruptions'
import type { Waiting, Watch } from './steps'

/** Whose work is watched. */
interface Owner {
  readonly ctx: { readonly method: string; readonly path: string }
  readonly lifecycle: { readonly requestTimeout: number | undefined }
  /** Ends what is waited for, here or, if it is not said what, everywhere. */
  interrupt(error: Error, wait?: Wait): void
}

/** A part of a request's work that waits for something, and how long it may. */
export class Wait implements Watch {
  private readonly deadline: NodeJS.Timeout | undefined

  /** @param open all that the same request waits for */
  constructor(
    private readonly owner: Owner,
    private readonly waiting: Waiting,
    private readonly open: Wait[],
  ) {
    open.push(this)
    const { requestTimeout } = owner.lifecycle
    if (requestTimeout !== undefined) this.deadline = setTimeout(() => this.timeOut(requestTimeout), requestTimeout)
  }

  interrupt(error: Error): void {
    this.waiting.interrupt(error)
  }

  ends(): void {
    this.open.splice(this.open.indexOf(this), 1)
    clearTimeout(this.deadline)
  }

  /** What comes now, error handlers, after methods, teardown, may wait as long again. */
  private timeOut(requestTimeout: number): void {
    const { method, path } = this.owner.ctx
    const message = `${method} ${path} took longer than requestTimeout, ${requestTimeout} ms`
    this.deadline?.refresh()
    this.owner.interrupt(interruption(message, 'REQUEST_TIMEOUT'), this)
  }
}
