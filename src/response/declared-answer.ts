import statuses from 'statuses'
import { isHttpError, ThrownResponse } from '../errors/http-error'
import type { Fields } from '../connection/foreign-fields'
import type { DeclaredAnswers, Exchange, Pipeline } from '../lifecycle/exchange'
import type { Context } from '../types'
import { isThenable } from '../util/thenable'
import { closeBody, isStream } from './body'
import { forgetStatus, isStatusChosen } from './koa-state'
import { applyChecked, MadeAnswer } from './made-answer'
import { isResponseWritten } from './snapshot'
import { isFetchResponse } from '../util/web-body'

/** The body that stands for it is not sent: the connection is handed over. */
const SWITCHING_PROTOCOLS = 101
/** It has no content of its own: it says that the client's copy of a 200 is right. */
const NOT_MODIFIED = 304

/** The answer of a running view whose route declares its answers: nothing of it is sent unchecked. */
export class DeclaredAnswer {
  readonly #exchange: Exchange
  readonly #ctx: Context
  readonly #answers: DeclaredAnswers
  readonly #isRunning: () => boolean
  /** The response before the view. */
  readonly #before: { readonly body: unknown; readonly status: number }
  /** What `makeResponse` made last. */
  #made: MadeAnswer | undefined

  /** @param isRunning false once the view has ended, has failed or was interrupted */
  constructor(exchange: Exchange, answers: DeclaredAnswers, isRunning: () => boolean) {
    const { ctx } = exchange
    this.#exchange = exchange
    this.#ctx = ctx
    this.#answers = answers
    this.#isRunning = isRunning
    // A status that was set before is not the view's.
    forgetStatus(ctx)
    this.#before = { body: ctx.body, status: ctx.status }
  }

  /** Runs the view. Returns a response value, or a promise of one. */
  of(view: Pipeline['view']): unknown {
    let result: unknown
    try {
      result = view(this.#exchange)
    } catch (error) {
      return this.#failed(error)
    }
    return isThenable(result) ? this.#later(result) : this.#checked(result)
  }

  async #later(running: PromiseLike<unknown>): Promise<unknown> {
    let result: unknown
    try {
      result = await running
    } catch (error) {
      return this.#failed(error)
    }
    return this.#checked(result)
  }

  /** `abort(makeResponse(…))` sends what was made, which an asynchronous schema may still have to check. */
  #failed(error: unknown): Promise<never> {
    const made = this.#made
    if (!(error instanceof ThrownResponse) || made?.isPending !== true || !this.#isRunning()) throw error
    return made.settle(this.#isRunning).then(() => {
      throw error
    })
  }

  /** What `makeResponse` is to make of a value in the running view. */
  make(value: unknown, status: number | undefined, headers: Fields): MadeAnswer {
    const ctx = this.#ctx
    const isWritten = value === ctx.response
    const subject = isWritten ? this.#written : value
    const made = (checked: unknown, code: number | undefined) =>
      (this.#made = new MadeAnswer(ctx, subject, checked, code, headers))
    if (this.#isForeign(subject) || status === NOT_MODIFIED || isRedirect(ctx, status, subject, headers))
      return made(value, status)
    const code = status ?? (isWritten ? this.#status : this.#answers.ownStatus)
    return made(this.#isStream(code, subject) ? value : this.#check(code, subject), code)
  }

  /** Checks what the view returned or wrote, and puts it into the response. */
  #checked(value: unknown): unknown {
    const ctx = this.#ctx
    // Interrupted: another method answers, or has answered.
    if (!this.#isRunning()) return value
    if (value === ctx.response) return this.#checkedResponse()
    if (value !== undefined) return this.#sent(value, value)
    const isWritten = this.#made === undefined && isResponseWritten(ctx, this.#before)
    return isWritten ? this.#checkedResponse() : this.#sent(value, value)
  }

  #checkedResponse(): unknown {
    const ctx = this.#ctx
    const made = this.#made
    if (ctx.headerSent || ctx.respond === false || isRedirect(ctx, ctx.status, ctx.body)) return ctx.response
    if (made === undefined || ctx.body !== made.body || ctx.status !== made.status)
      return this.#sent(this.#written, ctx.response)
    return made.isPending ? made.settle(this.#isRunning).then(() => ctx.response) : ctx.response
  }

  /**
   * Checks a value and puts it into the response under its status.
   *
   * @param untouched what the view returned: it is sent as it is if it is not for a schema
   */
  #sent(value: unknown, untouched: unknown): unknown {
    const ctx = this.#ctx
    if (this.#isForeign(value)) return untouched
    if (isEmpty(value) && (ctx.method === 'HEAD' || ctx.method === 'OPTIONS')) return untouched
    const status = this.#status
    if (this.#isStream(status, value)) {
      ctx.status = status
      return untouched
    }
    const checked = this.#check(status, value)
    if (!isThenable(checked)) return this.#put(checked, status)
    return Promise.resolve(checked).then(settled => (this.#isRunning() ? this.#put(settled, status) : untouched))
  }

  #put(checked: unknown, status: number): unknown {
    const ctx = this.#ctx
    applyChecked(ctx, checked, this.#answers.method)
    ctx.status = status
    return ctx.response
  }

  /** A stream can't be checked, but where no body is declared it is refused as any other. */
  #isStream(status: number, value: unknown): boolean {
    if (!isStream(value)) return false
    if (status === SWITCHING_PROTOCOLS || this.#answers.hasBody(status)) return true
    closeBody(value)
    return false
  }

  #check(status: number, value: unknown): unknown {
    return this.#answers.check(status, value, error => {
      this.#exchange.report(error)
    })
  }

  /** The value of the response as it is: as `makeResponse` was given it, or as the view wrote it. */
  get #written(): unknown {
    const { body } = this.#ctx
    return this.#made !== undefined && this.#made.body === body ? this.#made.value : body
  }

  /** The status that the view has set, else its own. Koa sets 200 and 204 by itself when a body is written. */
  get #status(): number {
    const { ownStatus } = this.#answers
    const { status, body } = this.#ctx
    if (!isStatusChosen(this.#ctx) && status === this.#before.status) return ownStatus
    const byKoa = body === null ? 204 : body === undefined ? undefined : 200
    return status === byKoa && !this.#answers.declares(status) ? ownStatus : status
  }

  /** Whether a value brings its own status, or can't be answered at all. */
  #isForeign(value: unknown): boolean {
    const ctx = this.#ctx
    if (isFetchResponse(value) || value === ctx || value === ctx.request) return true
    return value instanceof Error && isHttpError(value)
  }
}

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

function isRedirect(ctx: Context, status: number | undefined, body: unknown, headers: Fields = {}): boolean {
  if (status === undefined || !statuses.redirect[status]) return false
  const hasLocation = ctx.res.hasHeader('Location') || Object.keys(headers).some(name => /^location$/i.test(name))
  return hasLocation && (body === undefined || typeof body === 'string')
}
