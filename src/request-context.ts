import type { Readable } from 'node:stream'
import { AppContext } from './app-context'
import { Beginning } from './beginning'
import { closeBody } from './body'
import { runIn, runningContext } from './context'
import { breakOff } from './engine/break-off'
import { hasPath } from './engine/request-target'
import { keepSocket, restoreSocket } from './engine/socket'
import { ThrownResponse, toError } from './errors'
import type { Exchange, Pipeline, ResponseHook, Values } from './exchange'
import { hasHost } from './host'
import type { Installation } from './installation'
import type { Lifecycle } from './middleware'
import type { Route } from './plan'
import { outcomeOf, type Failure, type Outcome } from './outcome'
import { endRequest, leaveRequest } from './request-end'
import type { Match } from './routing/router'
import { routingFailure } from './routing-failure'
import * as responses from './response'
import { sharedSession, type OpenSession } from './session'
import { abortSignal, isLeaving } from './signal'
import type { Observer, Steps, Waiting } from './steps'
import { isThenable } from './thenable'
import { underwayOf } from './underway'
import { mountPathOf } from './url-for'
import { Wait } from './wait'
import type { Context, Response, ResponseValue, Session } from './types'

const MALFORMED = { kind: 'malformed' } as const

/** Most requests register nothing of their own. */
const NONE: readonly never[] = Object.freeze([])

/** Marks a `ctx` that a lifecycle has had, so that only the next one asks for what is around it (1 %). */
const KNOWN = Symbol('flaskoa:known')

function enclosingRequest(ctx: Context): RequestContext | undefined {
  const outer = runningContext()
  return outer?.ctx === ctx ? (outer as RequestContext) : undefined
}

/** One request on Koa: the lifecycle's exchange, and what `g`, `session` and the functions of a request work on. */
export class RequestContext extends AppContext implements Exchange<Context, Response>, Observer {
  declare readonly ctx: Context
  afterThisRequest: readonly ResponseHook<Context, Response>[] = NONE
  pipeline: Pipeline<Context, Response>
  route: Route | undefined
  values: Values | undefined
  /** What `streamWithContext` keeps this context for, as long as one of them is sent. */
  heldStreams: readonly Readable[] = NONE
  /** The function that made a response which no method has returned yet. */
  made: 'makeResponse' | 'redirect' | undefined
  /** What `getFlashedMessages` took out of the session. */
  flashes: (readonly [category: string, message: unknown])[] | undefined

  readonly installation: Installation
  /** Where it is kept until it has ended, if somebody waits for that (`gracefulShutdown`). */
  readonly underway: Set<RequestContext> | undefined
  /** The same request in a lifecycle around this one. */
  private readonly enclosing: RequestContext | undefined = undefined
  /** The same request in a lifecycle inside of this one. */
  private enclosed: RequestContext | undefined
  private readonly received: responses.ResponseSnapshot
  /** The response as it was before the method that answers. */
  private baseline: responses.ResponseSnapshot
  /** The response that a hook replaced with `makeResponse`. */
  replaced: responses.ResponseSnapshot | undefined
  /** The response that is sent, whatever teardown methods do to it. */
  decided: responses.ResponseSnapshot | undefined
  /** What an error was answered with: it is sent if an after method puts something there that can't be. */
  private errorResponse: responses.ResponseSnapshot | undefined
  /** How the URL failed to match. */
  private failure: Match<Route> | undefined
  private opened: OpenSession | undefined
  /** For those who are told of the outcome: where the response began, if there are any, and what went wrong. */
  private readonly beginning: Beginning | undefined = undefined
  private failed: Failure | undefined
  /** Why something is no longer waited for, which may still run. */
  interruption: Error | undefined
  private waits: readonly Wait[] = NONE
  private sessionFailure: Error | undefined

  /** @param next Koa's: what comes after the lifecycle, which may know a URL that no rule has */
  constructor(
    ctx: Context,
    lifecycle: Lifecycle,
    private readonly next: () => Promise<unknown>,
  ) {
    super(ctx.app, lifecycle, ctx)
    keepSocket(ctx)
    this.installation = lifecycle.installations.of(ctx.app)
    if (ctx[KNOWN] === true) {
      this.enclosing = enclosingRequest(ctx)
      if (this.enclosing !== undefined) this.enclosing.enclosed = this
    }
    ctx[KNOWN] = true
    this.pipeline = lifecycle.plan.unmatched
    this.received = this.baseline = responses.snapshotResponse(ctx)
    if (lifecycle.plan.tellsOutcome) this.beginning = new Beginning(ctx)
    this.underway = underwayOf(ctx)
    this.underway?.add(this)
  }

  /** Whether somebody waits for the end of its response. */
  get isWatched(): boolean {
    return this.pipeline.afterResponse.length > 0 || this.underway !== undefined
  }

  /** Whether any code of the application's runs at its end. */
  get isTornDown(): boolean {
    const { pipeline, teardownAppContext, installation } = this
    return pipeline.teardown.length > 0 || teardownAppContext.length > 0 || installation.isHeard
  }

  /** A method that hands on the reason of the signal, when its client has left, has not failed. */
  override report(error: Error): void {
    if (!isLeaving(this.ctx, error)) super.report(error)
  }

  override signal(name: string, ...given: unknown[]): void {
    if (this.installation.isHeard) super.signal(name, ...given)
  }

  get response(): Response {
    return this.ctx.response
  }

  get settings() {
    return this.lifecycle.settings
  }

  get firstRequest() {
    return this.lifecycle.plan.firstRequest
  }

  get endpoint(): string | undefined {
    return this.route?.endpoint
  }

  get session(): Session {
    if (this.opened !== undefined) return this.opened.data
    throw new Error('The session could not be opened', { cause: this.sessionFailure })
  }

  openSession(): unknown {
    const { enclosing, ctx } = this
    const isShared = enclosing !== undefined && this.lifecycle.installations.sharesSession
    const sessions = isShared ? sharedSession(enclosing.session) : this.installation.sessions
    const opened = sessions.open(ctx, this)
    if (!isThenable(opened)) return void (this.opened = opened)
    return opened.then(
      session => void (this.opened = session),
      (error: unknown) => {
        this.sessionFailure = toError(error)
        throw error
      },
    )
  }

  saveSession(): unknown {
    if (this.opened !== undefined) return this.opened.save(this.ctx)
    // What could not be opened can't be saved: the same failure again (docs/rules.md 6.10).
    if (this.sessionFailure !== undefined) throw this.sessionFailure
  }

  match(): void {
    const { ctx } = this
    // Other middleware may have written another URL, also where an application of ours has looked for the path.
    const isGood = hasPath(ctx) && hasHost(ctx.req)
    const match = isGood ? this.lifecycle.plan.router.match(ctx.method, ctx.req.url as string, ctx) : MALFORMED
    if (match.kind === 'found') {
      const { target } = match.entry
      this.route = target
      this.values = match.values
      this.pipeline = (ctx.method === 'OPTIONS' && target.options) || target.pipeline
    } else {
      this.failure = match
    }
    ctx.params = this.values ?? {}
  }

  /** A response is Koa's one response: made and not returned, half of it would be sent with another answer. */
  refuseUnreturned(by: { readonly name: string }): void {
    if (this.made === undefined) return
    throw new TypeError(
      `${by.name} called ${this.made}() but did not return what it made: write return ${this.made}(…)`,
    )
  }

  makeResponse(value: unknown, by: string): void {
    if (value !== this.response) this.refuseUnreturned({ name: by })
    this.made = undefined
    restoreSocket(this.ctx)
    responses.applyValue(this.ctx, value, by, this.baseline)
    this.replaced = undefined
    if (this.baseline !== this.received) this.errorResponse = responses.snapshotResponse(this.ctx)
  }

  /** `makeResponse` for users: a new response in the place of this one. */
  renewResponse(
    value: ResponseValue,
    status?: number,
    headers?: Readonly<Record<string, string | readonly string[]>>,
  ): Response {
    this.made = 'makeResponse'
    this.replaced ??= responses.snapshotResponse(this.ctx)
    // A stream that is replaced stays open: if the pass fails it is sent after all. Koa closes it with the response.
    responses.renewResponse(this.ctx, this.received, this.replaced.body, value, status, headers)
    return this.response
  }

  resetResponse(): void {
    const { ctx } = this
    this.made = undefined
    // A page behind what is out already would be read as the next response: better a broken transfer, which is seen.
    if (!ctx.headerSent) ctx.respond = true
    else if (!ctx.res.writableEnded) breakOff(ctx.res)
    closeBody(this.replaced?.body)
    this.replaced = undefined
    responses.restoreResponse(this.ctx, this.received)
    this.baseline = responses.snapshotResponse(this.ctx)
  }

  settleResponse(): void {
    try {
      responses.settleBody(this.ctx, 'an after method')
    } catch (error) {
      this.replaced ??= this.errorResponse
      throw error
    }
  }

  keepFirstResponse(): void {
    if (this.replaced !== undefined) responses.restoreResponse(this.ctx, this.replaced)
  }

  async passOn(): Promise<void> {
    const { body, status } = this.ctx
    await this.next()
    if (responses.isWritten(this.ctx, { body, status })) return
    const failure = this.failure as Exclude<Match<Route>, { kind: 'found' }>
    throw failure.kind === 'redirect' ? this.redirection(failure.path) : routingFailure(failure)
  }

  /** A redirect of the router's own, which no error handler sees (docs/rules.md 4.5, 4.7). */
  private redirection(path: string): ThrownResponse {
    return new ThrownResponse(`redirect to ${path}`, () => {
      this.resetResponse()
      responses.applyRedirect(this.ctx, mountPathOf(this.ctx) + path + this.ctx.search, 308)
      return this.response
    })
  }

  answerOptions(): string {
    // No rule takes a method without a name, so that all rules for this URL tell theirs.
    const match = this.lifecycle.plan.router.match('', this.ctx.path) as Extract<Match<Route>, { kind: 'notAllowed' }>
    this.ctx.set('Allow', match.allow.join(', '))
    return ''
  }

  /** Runs `hook` in this request's first pass of after methods, or in the pass that is under way. */
  addAfterThisRequest(hook: ResponseHook<Context, Response>): void {
    if (this.afterThisRequest === NONE) this.afterThisRequest = []
    ;(this.afterThisRequest as ResponseHook<Context, Response>[]).push(hook)
  }

  holdStream(stream: Readable): void {
    this.heldStreams = [...this.heldStreams, stream]
  }

  end(error: Error | undefined): Steps<void> | undefined {
    return endRequest(this, error)
  }

  tornDown(): void {
    if (this.decided !== undefined) leaveRequest(this, this.decided)
  }

  noteError(error: Error, handled: boolean): void {
    this.failed = { error, handled }
  }

  /** What became of this request, once its response is out. */
  outcome(): Outcome {
    // Whoever is told has a plan that says so.
    return outcomeOf(this.ctx, this.beginning as Beginning, this.route?.rule, this.failed, this.interruption)
  }

  begins(waiting: Waiting): Wait {
    if (this.waits === NONE) this.waits = []
    return new Wait(this, waiting, this.waits as Wait[])
  }

  discard(value: unknown): void {
    if (value !== this.ctx.req) closeBody(value)
  }

  /** Aborts the signal, and what is waited for, or no more than `wait`, is waited for no longer. */
  interrupt(error: Error, wait?: Wait): void {
    if (this.waits.length === 0) this.report(error)
    this.giveUp(error, wait === undefined ? [...this.waits] : [wait])
  }

  private giveUp(error: Error, waits: readonly Wait[]): void {
    const { enclosed } = this
    this.era = { context: this }
    runIn(this, () => {
      this.interruption ??= error
      this.sessionFailure ??= error
      abortSignal(this.ctx, error)
      // What is inside first: nobody waits for it any longer. What has ended there has ended well.
      if (enclosed !== undefined && enclosed.waits.length > 0) enclosed.giveUp(error, [...enclosed.waits])
      for (const wait of waits) wait.interrupt(error)
    })
  }
}
