import type { IncomingMessage } from 'node:http'
import type { Context, Outcome } from 'flaskoa'
import type { Plan } from './plan'

/** What one request did, in its order, and what others did to it. It must not keep the request's context alive. */
export class Entry {
  /** Everything that happened to it, in order. */
  readonly log: string[] = []
  /** What each teardown method was given. */
  readonly teardownErrors: (Error | undefined)[] = []
  readonly outcomes: Outcome[] = []
  /** What was thrown by plan, and by whom. */
  readonly thrown = new Map<string, unknown[]>()
  /** The errors that the `error` event reported. */
  readonly reported: Error[] = []
  /** The files of its form. */
  readonly files: string[] = []
  /** Things that must never be. */
  readonly wrongs: string[] = []
  /** How many of its methods are running. */
  running = 0
  /** How many of them were never to end, and were given up at the deadline. */
  nevers = 0
  isOver = false
  signal: AbortSignal | undefined
  /** Destroys the server's end of the connection. */
  cut: (() => void) | undefined
  private readonly watchers = new Map<string, () => void>()
  private readonly arrived = performance.now()
  /** When it was last noted that anything happened. */
  private last = this.arrived
  /** Since when a method runs that never ends. */
  private neverSince: number | undefined
  /** How long it waited for methods that never end, in milliseconds. */
  private waitedForNever = 0

  /** @param requestTimeout of the application, in milliseconds */
  constructor(
    readonly id: string,
    readonly plan: Plan,
    private readonly requestTimeout: number,
  ) {}

  /** A moment in the request's life. */
  note(what: string): void {
    this.log.push(what)
    this.last = performance.now()
    if (this.neverSince !== undefined) this.waitedForNever += this.last - this.neverSince
    this.neverSince = undefined
    const watcher = this.watchers.get(what)
    this.watchers.delete(what)
    watcher?.()
  }

  /** Calls `then` at the moment `what`. */
  watch(what: string, then: () => void): void {
    this.watchers.set(what, then)
  }

  /** Keeps what a method throws by plan. It may run twice: hooks of the response do when there is a 500 handler. */
  threw(place: string, thrown: unknown): unknown {
    const others = this.thrown.get(place)
    if (others === undefined) this.thrown.set(place, [thrown])
    else others.push(thrown)
    return thrown
  }

  /** A method runs that never ends. */
  noteNever(): void {
    this.nevers++
    this.neverSince = performance.now()
  }

  /**
   * Whether nothing but what was planned has met the deadline: on a slow machine anything may. A deadline is reported once for
   * a request, so that time alone shows whether another one was met besides the planned one.
   */
  get isOnTime(): boolean {
    if (this.reported.filter(isInterruption).length > this.nevers) return false
    return this.nevers === 0 || this.last - this.arrived - this.waitedForNever < this.requestTimeout
  }

  get isInterrupted(): boolean {
    // An interruption that a handler has answered is not reported.
    return this.reported.some(isInterruption) || isInterruption(Object(this.signal?.reason) as Error)
  }
}

const ENTRY = Symbol('entry')
type Marked = IncomingMessage & { [ENTRY]?: Entry }

export const mark = (req: object, entry: Entry): unknown => ((req as Marked)[ENTRY] = entry)
export const entryOf = ({ req }: Pick<Context, 'req'>): Entry => (req as Marked)[ENTRY] as Entry

export function isInterruption(error: Error): boolean {
  return ['REQUEST_TIMEOUT', 'SERVER_SHUTDOWN'].includes((error as NodeJS.ErrnoException).code ?? '')
}
