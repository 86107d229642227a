import { toError } from '../errors/describe'
import type { ExchangeSession } from '../lifecycle/exchange'
import { replaceValues } from '../session/assignment'
import type { OpenSession, Reporter, SessionInterface } from '../session/interface'
import type { Awaitable, Context, HttpError, Session } from '../types'
import { isThenable } from '../util/thenable'

/**
 * The session of one request, from its opening before all hooks to its saving after them [13.1].
 * (`private`, not `#`: `#` fields cost 0.6 % of a request in the objects that each request makes.)
 */
export class RequestSession implements ExchangeSession {
  /** What `getFlashedMessages` took out of the session. */
  flashes: (readonly [category: string, message: unknown])[] | undefined
  private readonly sessions: SessionInterface
  private readonly request: Reporter & { readonly ctx: Context }
  private opened: OpenSession | undefined
  private failure: Error | undefined
  /** Only declared: most sessions are never assigned. */
  declare private isNull?: boolean

  constructor(request: Reporter & { readonly ctx: Context }, sessions: SessionInterface) {
    this.request = request
    this.sessions = sessions
  }

  get data(): Session {
    if (this.opened !== undefined) return this.opened.data
    throw new Error('The session could not be opened', { cause: this.failure })
  }

  /** Counts as a use of the session, for `Vary` [13.4]. */
  noteUse(): void {
    const data = this.opened?.data as Session | null | undefined
    if (data) Reflect.has(data, 'isNew')
  }

  /** What `ctx.session` is: `null` after `ctx.session = null`, until there are values again. */
  get dataOrNull(): Session | null {
    const { data } = this
    return this.isNull === true && !data.populated ? null : data
  }

  /** What `ctx.session = value` does. */
  assign(value: unknown): void {
    if (value === null) this.data.clear()
    else replaceValues(this.data, value)
    this.isNull = value === null
  }

  open(): unknown {
    const opened = this.sessions.open(this.request.ctx, this.request)
    if (!isThenable(opened)) return void (this.opened = opened)
    return opened.then(
      session => void (this.opened = session),
      (error: unknown) => {
        this.failure = toError(error)
        throw error
      },
    )
  }

  save(): Awaitable<HttpError | undefined> {
    if (this.opened !== undefined) return this.opened.save(this.request.ctx)
    // What could not be opened can't be saved: the same failure again [6.10].
    if (this.failure !== undefined) throw this.failure
    return undefined
  }

  /** Its opening is waited for no longer, if it has not ended. */
  interrupt(error: Error): void {
    this.failure ??= error
  }
}
