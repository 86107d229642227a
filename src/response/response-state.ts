import { abortResponse } from '../connection/abort-response'
import { fieldsOfResponse, type Fields } from '../connection/foreign-fields'
import { restoreSocket } from '../connection/socket'
import type { ExchangeResponse } from '../lifecycle/exchange'
import type { Context, HttpError, Response, ResponseValue } from '../types'
import { applyRedirect, applyValue, serializeBody } from './apply-value'
import { closeBody, guardStream } from './body'
import { deferPage } from './default-page'
import { isAnswer, removeAnswer, withoutAnswer } from './no-answer'
import {
  detachStream,
  isResponseWritten,
  restoreDecided,
  restoreResponse,
  takeSnapshot,
  type ResponseSnapshot,
} from './snapshot'

/** The value for `make` when the answer that outer middleware has given is sent: as it is, like Koa does. */
export const AS_RECEIVED = Symbol('flaskoa:as received')

/**
 * Koa's response of one request, and what it was at the moments that an error or a later method may go back to.
 * (`private`, not `#`: `#` fields cost 0.6 % of a request in the objects that each request makes.)
 */
export class ResponseState implements ExchangeResponse {
  private readonly ctx: Context
  /** As the lifecycle received it from outer middleware. */
  private received: ResponseSnapshot
  /** As it was before the method that answers. */
  private baseline: ResponseSnapshot
  /** The response that a method replaced by `makeResponse`. */
  private replaced: ResponseSnapshot | undefined
  /** As it is sent. */
  private decided: ResponseSnapshot | undefined
  /** What answered an error: it is sent if an after method puts something there that can't be sent. */
  private errorResponse: ResponseSnapshot | undefined
  /** The function that made a response which no method has returned yet. */
  private unreturned: 'makeResponse' | 'redirect' | undefined

  constructor(ctx: Context) {
    this.ctx = ctx
    this.received = this.baseline = takeSnapshot(ctx)
  }

  get hasUnreturned(): boolean {
    return this.unreturned !== undefined
  }

  /** Whether outer middleware has answered the request before the lifecycle. */
  get isAnswered(): boolean {
    return isAnswer(this.received)
  }

  /** Takes out what outer middleware has answered: the request has a view. */
  ignoreAnswer(): void {
    if (this.ctx.headerSent || this.ctx.respond === false) return
    removeAnswer(this.ctx)
    this.received = this.baseline = withoutAnswer(this.received)
  }

  /** A response is Koa's one response: made and not returned, half of it would be sent with another answer. */
  assertReturned(by: string): void {
    const made = this.unreturned
    if (made === undefined) return
    throw new TypeError(`${by} called ${made}() but did not return what it made: write return ${made}(…)`)
  }

  make(value: unknown, by: string): void {
    const ctx = this.ctx
    if (value !== ctx.response) this.assertReturned(by)
    this.unreturned = undefined
    restoreSocket(ctx)
    if (value === AS_RECEIVED) guardStream(ctx.body)
    else applyValue(ctx, value, by, this.baseline)
    this.replaced = undefined
    if (this.baseline !== this.received) this.errorResponse = takeSnapshot(ctx)
  }

  /** `makeResponse`: a new response in the place of this one, with the fields that outer middleware had set. */
  replace(value: ResponseValue, status: number | undefined, headers: Fields = {}): Response {
    const ctx = this.ctx
    this.unreturned = 'makeResponse'
    this.replaced ??= takeSnapshot(ctx)
    // A stream that is replaced stays open: if the pass fails it is sent after all. Koa closes it with the response.
    if (value !== ctx.response) restoreResponse(ctx, withoutAnswer(this.received), this.replaced.body)
    applyValue(ctx, value, 'makeResponse', takeSnapshot(ctx))
    for (const [name, field] of fieldsOfResponse(headers, status ?? ctx.status, ctx.body))
      ctx.set(name, typeof field === 'string' ? field : [...field])
    if (status !== undefined) ctx.status = status
    return ctx.response
  }

  redirect(url: string, code: number): Response {
    const ctx = this.ctx
    if (this.replaced !== undefined && ctx.body === this.replaced.body) detachStream(ctx)
    applyRedirect(ctx, url, code)
    this.unreturned = 'redirect'
    return ctx.response
  }

  reset(): void {
    const ctx = this.ctx
    this.unreturned = undefined
    // A page behind what is out already would be read as the next response: better a broken transfer, which is seen.
    if (!ctx.headerSent) ctx.respond = true
    else if (!ctx.res.writableEnded) abortResponse(ctx.res)
    closeBody(this.replaced?.body)
    this.replaced = undefined
    restoreResponse(ctx, withoutAnswer(this.received))
    this.baseline = takeSnapshot(ctx)
  }

  serialize(): void {
    // Koa may send what this refuses: that is outer middleware's to know.
    const { body } = this.ctx
    if (typeof body === 'string' || body === this.received.body) return
    try {
      serializeBody(this.ctx, 'an after method', true)
    } catch (error) {
      this.replaced ??= this.errorResponse
      throw error
    }
  }

  undoReplacement(): void {
    if (this.replaced !== undefined) restoreResponse(this.ctx, this.replaced)
  }

  /** Whether `write`, an asynchronous function, has answered. */
  async isWrittenBy(write: () => Promise<unknown>): Promise<boolean> {
    const { body, status } = this.ctx
    await write()
    return isResponseWritten(this.ctx, { body, status })
  }

  /**
   * Leaves a request that no code has answered to outer middleware, if the response still is the default page of `error`.
   */
  deferPage(error: HttpError): boolean {
    return deferPage(this.ctx, error, this.received)
  }

  /** Notes the response that is sent, whatever teardown methods do to it. */
  decide(): void {
    // As what a teardown method would replace, so that a stream in it stays open.
    this.decided = this.replaced = takeSnapshot(this.ctx)
  }

  /** Undoes what teardown methods did to the decided response. */
  restoreDecided(): void {
    restoreDecided(this.ctx, this.decided as ResponseSnapshot)
  }
}
