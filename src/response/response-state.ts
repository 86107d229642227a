import { abortResponse } from '../connection/abort-response'
import { fieldsOfResponse, type Fields } from '../connection/foreign-fields'
import { restoreSocket } from '../connection/socket'
import type { DeclaredAnswers, Exchange, ExchangeResponse, Pipeline } from '../lifecycle/exchange'
import type { Context, HttpError, Response, ResponseValue } from '../types'
import { addField } from './add-field'
import { applyValue, serializeBody } from './apply-value'
import { closeBody, guardStream } from './body'
import { fieldsForError, withBodyFieldsOf, withoutBodyFields } from './body-fields'
import { DeclaredAnswer } from './declared-answer'
import { deferPage } from './default-page'
import { isAnswer, removeAnswer, responseWith, withoutAnswer } from './no-answer'
import { assertResponse } from './check-arguments'
import { applyRedirect, assertRedirect } from './redirect'
import {
  headerEntries,
  headersOf,
  restoreDecided,
  restoreResponse,
  takeSnapshot,
  type HeaderEntries,
  type ResponseSnapshot,
} from './snapshot'

/** The functions that make a response. */
type Maker = 'makeResponse' | 'redirect' | 'sendFile'

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
  private unreturned: Maker | undefined
  /** As it was when the running method made the first such response. */
  private madeFrom: ResponseSnapshot | undefined
  /** What is written now belongs to the request, to the answer of one method (or of a view that declares it), or to after methods. */
  private phase: 'request' | 'answer' | 'after' | DeclaredAnswer = 'request'
  /** The request's own fields: the first `ownLength` of these entries. No snapshot, because each method needs it. */
  private ownHeaders: HeaderEntries
  private ownLength: number
  /** The body at the same moment. */
  private ownBody: unknown

  constructor(ctx: Context) {
    this.ctx = ctx
    const received = (this.received = this.baseline = takeSnapshot(ctx))
    this.ownHeaders = received.headers
    this.ownLength = received.length
    this.ownBody = received.body
  }

  get hasUnreturned(): boolean {
    return this.unreturned !== undefined
  }

  /** Whether outer middleware has answered the request before the lifecycle. */
  get isAnswered(): boolean {
    return isAnswer(this.received)
  }

  /** Whether the running method may still answer by an HTTP error: what error handlers and after methods throw is a 500. */
  get takesErrors(): boolean {
    return this.phase !== 'after' && this.baseline === this.received
  }

  /** Takes out what outer middleware has answered: the request has a view. */
  ignoreAnswer(): void {
    if (this.ctx.headerSent || this.ctx.respond === false) return
    removeAnswer(this.ctx)
    this.received = this.baseline = withoutAnswer(this.received)
    this.noteRequestFields()
  }

  noteRequestFields(): void {
    this.setOwnFields(headerEntries(this.ctx.res))
    this.ownBody = this.ctx.body
  }

  beginAnswer(): void {
    this.phase = 'answer'
  }

  answerDeclared(view: Pipeline['view'], answers: DeclaredAnswers, exchange: Exchange): unknown {
    const answer: DeclaredAnswer = new DeclaredAnswer(exchange, answers, () => this.phase === answer)
    this.phase = answer
    return answer.of(view)
  }

  noteFailure(): void {
    if (typeof this.phase === 'object') this.phase = 'answer'
    if (this.phase !== 'request') return
    this.noteRequestFields()
    // The fields of a response that was made and not returned are of no use to another one.
    if (this.unreturned !== undefined) this.setOwnFields(headersOf(this.madeFrom as ResponseSnapshot))
    this.phase = 'answer'
  }

  private get ownFields(): HeaderEntries {
    return headersOf({ headers: this.ownHeaders, length: this.ownLength })
  }

  private setOwnFields(headers: HeaderEntries): void {
    this.ownHeaders = headers
    this.ownLength = headers.length
  }

  /** A response is Koa's one response: made and not returned, half of it would be sent with another answer. */
  assertReturned(by: string): void {
    const made = this.unreturned
    if (made === undefined) return
    throw new TypeError(`${by} called ${made}() but did not return what it made: write return ${made}(…)`)
  }

  make(value: unknown, by: string): void {
    const ctx = this.ctx
    this.phase = 'after'
    if (value !== ctx.response) this.assertReturned(by)
    this.unreturned = undefined
    restoreSocket(ctx)
    if (value === AS_RECEIVED) guardStream(ctx.body)
    else applyValue(ctx, value, by, this.baseline)
    this.replaced = undefined
    if (this.baseline !== this.received) this.errorResponse = takeSnapshot(ctx)
  }

  /** `makeResponse`: a new response in the place of this one. @param by the function that the method called */
  replace(
    value: ResponseValue,
    status: number | undefined,
    headers: Fields = {},
    by: Maker = 'makeResponse',
  ): Response {
    const ctx = this.ctx
    assertResponse(status, headers)
    const declared = typeof this.phase === 'object' ? this.phase.make(value, status, headers) : undefined
    const replaced = this.noteMade(by)
    if (value !== ctx.response) restoreResponse(ctx, responseWith(this.keptFields()), replaced)
    if (declared === undefined) applyValue(ctx, value, 'makeResponse', takeSnapshot(ctx))
    else declared.apply()
    const code = declared?.status ?? status
    for (const [name, field] of fieldsOfResponse(headers, code ?? ctx.status, ctx.body)) addField(ctx, name, field)
    if (code !== undefined) ctx.status = code
    declared?.noteBody()
    return ctx.response
  }

  redirect(url: string, code: number): Response {
    const ctx = this.ctx
    assertRedirect(url, code)
    const replaced = this.noteMade('redirect')
    restoreResponse(ctx, responseWith(withoutBodyFields(this.keptFields())), replaced)
    applyRedirect(ctx, url, code)
    return ctx.response
  }

  /** @returns the replaced body. A stream stays open: if the pass fails it is sent after all. Koa closes it with the response. */
  private noteMade(by: Maker): unknown {
    const ctx = this.ctx
    this.replaced ??= takeSnapshot(ctx)
    if (this.unreturned === undefined) this.madeFrom = takeSnapshot(ctx)
    this.unreturned = by
    return this.replaced.body
  }

  /** The fields that stay when the running method makes a new response. */
  private keptFields(): HeaderEntries {
    if (this.phase === 'after') return withoutBodyFields(this.ownFields)
    const { body, ...from } = this.madeFrom as ResponseSnapshot
    const fields = headersOf(from)
    return body === this.ownBody ? fields : withBodyFieldsOf(fields, this.ownFields)
  }

  reset(): void {
    const ctx = this.ctx
    this.noteFailure()
    this.phase = 'answer'
    this.unreturned = undefined
    // A page behind what is out already would be read as the next response: better a broken transfer, which is seen.
    if (!ctx.headerSent) ctx.respond = true
    else if (!ctx.res.writableEnded) abortResponse(ctx.res)
    if (this.replaced !== undefined) closeBody(this.replaced.body)
    this.replaced = undefined
    this.setOwnFields(fieldsForError(this.ownFields))
    restoreResponse(ctx, responseWith(this.ownHeaders))
    this.ownBody = ctx.body
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

  /** Leaves a request that no code has answered to outer middleware, if the response still is the default page of `error`. */
  deferPage(error: HttpError): boolean {
    return deferPage(this.ctx, error, this.ownFields)
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
