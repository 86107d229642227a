import type { Readable } from 'node:stream'
import { abortBehind, isClientDisconnect } from '../connection/abort-signal'
import { noteSource } from '../connection/foreign-fields'
import { isHttp2Response } from '../connection/http2-response'
import { inFlightOf } from '../connection/in-flight'
import { ResponseEnd } from '../connection/response-end'
import { ResponseMeter } from '../connection/response-meter'
import { keepSocket } from '../connection/socket'
import { noMiddleware } from '../engine/application'
import type { LifecycleEvents } from '../events'
import type { ResolvedLimits } from '../input/limits'
import type { Exchange, Pipeline, ResponseHook, ViewValues } from '../lifecycle/exchange'
import { REQUEST } from '../lifecycle/request-key'
import type { PlannedRoute } from '../plan/planned-route'
import { ResponseState } from '../response/response-state'
import type { Match } from '../routing/router'
import { sharedSession } from '../session/interface'
import type { Context } from '../types'
import type { AppBinding } from './app-binding'
import { AppContext } from './app-context'
import { findMatch } from './find-match'
import { mountPathOf } from './mount-path'
import { noteUnhandled, type RequestFailure } from './failure'
import { RequestSession } from './request-session'
import { RequestTasks } from './request-tasks'
import type { Runtime } from './runtime'
import { runningContext } from './storage'
import { UnmatchedUrl } from './unmatched-url'
import type { UpgradeBody } from './upgrade'

export type AfterResponseMethod = Pipeline['afterResponse'][number]

/** Most requests register nothing of their own. */
const NONE: readonly never[] = Object.freeze([])

/** In the place of `afterThisRequest` after teardown: what is registered now never runs. */
const ENDED: readonly never[] = Object.freeze([])

/**
 * One request on Koa: the lifecycle's exchange, and what `g`, `session` and the functions of a request work on.
 * (`private`, not `#`: `#` fields cost 0.6 % of a request in the objects that each request makes.)
 */
export class RequestContext extends AppContext implements Exchange {
  declare readonly ctx: Context
  readonly session: RequestSession
  readonly response: ResponseState
  readonly binding: AppBinding
  pipeline: Pipeline
  route: PlannedRoute | undefined
  values: ViewValues | undefined
  afterThisRequest: readonly ResponseHook[] = NONE
  /** Only declared: most requests register none. */
  declare afterThisResponse?: AfterResponseMethod[]
  /** What `streamWithContext` keeps this context for, as long as one of them is sent. */
  heldStreams: readonly Readable[] = NONE
  /** Only declared: the connection of most requests stays with HTTP. */
  declare upgrade?: UpgradeBody
  /** Measures the response, if an `@AfterResponse` method runs after it. */
  meter: ResponseMeter | undefined
  /** What koa-mount has taken off the path, found out now: the path is another one once the mount has been left. */
  readonly mountPath: string
  /** Where it is kept until it has ended, if `gracefulShutdown` waits for that. */
  readonly inFlight: Set<RequestContext> | undefined
  /** For its outcome. */
  failure: RequestFailure | undefined
  private readonly next: () => Promise<unknown>
  /** The same request in a lifecycle around this one. */
  readonly outer: RequestContext | undefined
  private ownTasks: RequestTasks | undefined
  // Not initialized: most URLs match.
  declare refusal?: Error
  private unmatched: UnmatchedUrl | undefined

  /** @param next Koa's: what comes after the lifecycle, which may answer a URL that no rule matches */
  constructor(ctx: Context, runtime: Runtime, next: () => Promise<unknown>) {
    super(ctx.app, runtime, ctx)
    keepSocket(ctx)
    // Where the lifecycle is alone, the engine does so.
    if (next !== noMiddleware && isHttp2Response(ctx.res)) ResponseEnd.of(ctx).watch()
    const { plan, bindings } = runtime
    this.next = next
    this.mountPath = mountPathOf(ctx)
    this.binding = bindings.of(ctx.app)
    this.pipeline = plan.unmatched
    // Only where a lifecycle has had the `ctx` is it looked for what is around this one (1 %).
    const outer = (this.outer =
      ctx[REQUEST] === undefined ? undefined : enclosingRequest(ctx, ctx[REQUEST] as RequestContext))
    ctx[REQUEST] = this
    const sharesSession = outer !== undefined && bindings.sharesSession
    const sessions = sharesSession ? sharedSession(() => outer.session.data) : this.binding.sessions
    this.session = new RequestSession(this, sessions)
    this.response = new ResponseState(ctx)
    this.meter = plan.hasAfterResponse ? new ResponseMeter(ctx) : undefined
    this.inFlight = inFlightOf(ctx)
    this.inFlight?.add(this)
  }

  get tasks(): RequestTasks {
    return (this.ownTasks ??= new RequestTasks(this, this.session, this.inFlight !== undefined, this.outer?.tasks))
  }

  get endpoint(): string | undefined {
    return this.route?.endpoint
  }

  /** The session of this request, which belongs to a lifecycle around this one if the two share it. */
  get sharedSession(): RequestSession {
    return this.outer !== undefined && this.runtime.bindings.sharesSession ? this.outer.sharedSession : this.session
  }

  /** How much input may be read: what the route says, else the application. */
  get limits(): ResolvedLimits {
    return this.route?.limits ?? this.plan.limits
  }

  /** Whether an HTTP error without a handler is answered by problem details. */
  get usesProblemDetails(): boolean {
    return this.route?.usesProblemDetails ?? this.plan.usesProblemDetails
  }

  get hasListeners(): boolean {
    return this.binding.hasListeners
  }

  /** A method that throws because its client has disconnected has not failed. */
  override emit(name: keyof LifecycleEvents, ...args: unknown[]): void {
    if (name !== 'gotRequestException' || !isClientDisconnect(this.ctx, args[0] as Error)) super.emit(name, ...args)
  }

  /** Reports a deadline or a shutdown once, however many methods throw because the signal is aborted. */
  override report(error: Error): void {
    if (!isClientDisconnect(this.ctx, error)) super.report(abortBehind(this.ctx, error) ?? error)
  }

  noteError(error: Error, handled: boolean): void {
    if (!handled) noteUnhandled(this.ctx, error)
    this.failure = { error, handled }
  }

  whenStarted(): Promise<void> | undefined {
    const { start } = this.runtime
    return start.hasPassed ? undefined : start.runForRequest(this.app)
  }

  match(): void {
    const { ctx } = this
    const match = findMatch(ctx, this.runtime)
    if (match.kind === 'found') {
      const { target } = match.entry
      if (this.response.isAnswered) this.response.ignoreAnswer()
      this.route = target
      // The names of @koa/router: loggers and monitoring read them, and some have setters for them.
      ctx._matchedRoute = target.rule
      ctx._matchedRouteName = target.endpoint
      this.values = match.values
      this.binding.setHttpRoute?.(this.mountPath + target.rule)
      this.pipeline = (ctx.method === 'OPTIONS' && target.options) || target.pipeline
    } else {
      this.unmatched = new UnmatchedUrl(this, match, this.next)
    }
    ctx.params = this.values ?? {}
  }

  callNext(): unknown {
    return (this.unmatched as UnmatchedUrl).answer()
  }

  /** Leaves a request for which there is no rule to outer middleware, unless a method of the application has answered it. */
  deferPage(): void {
    this.unmatched?.deferPage()
  }

  override needsNoStack(): boolean {
    return !this.plan.keepsStacks && this.plan.firstRequest.passed && this.response.takesErrors
  }

  answerOptions(): string {
    // No rule takes a method without a name, so that all rules for this URL name theirs.
    const match = this.plan.router.match('', this.ctx.path) as Extract<Match<PlannedRoute>, { kind: 'notAllowed' }>
    this.ctx.set('Allow', match.allow.join(', '))
    return ''
  }

  /** Runs `hook` in this request's first pass of after methods, or in the pass that is under way. */
  addAfterThisRequest(hook: ResponseHook): void {
    if (this.isOver) return this.report(tooLate(hook, 'afterThisRequest'))
    if (this.afterThisRequest === NONE) this.afterThisRequest = []
    ;(this.afterThisRequest as ResponseHook[]).push(this.plan.watch?.(hook, 'after') ?? hook)
  }

  /** Runs `method` when the response is out, before the `@AfterResponse` methods. */
  addAfterThisResponse(method: AfterResponseMethod): void {
    if (this.isOver) return this.report(tooLate(method, 'afterThisResponse'))
    this.meter ??= new ResponseMeter(this.ctx)
    this.afterThisResponse ??= []
    this.afterThisResponse.push(this.plan.watch?.(method, 'afterResponse') ?? method)
  }

  /** Adds a teardown method for this request alone, behind all others. Not before `match`, which chooses the pipeline. */
  addTeardown(method: () => unknown): void {
    const { pipeline } = this
    this.pipeline = { ...pipeline, teardown: [...pipeline.teardown, method] }
  }

  /** Whether teardown has run. The session was saved before, and is not saved again. */
  get isOver(): boolean {
    return this.afterThisRequest === ENDED
  }

  noteEnd(): void {
    this.afterThisRequest = ENDED
  }

  /** Keeps this context for as long as the connection lasts that is taken over from HTTP. */
  holdUpgrade(upgrade: UpgradeBody): void {
    this.heldStreams = [...this.heldStreams, upgrade]
    this.noteUpgrade(upgrade)
  }

  /** Also the lifecycles around this one have their outcome at the end of that connection. */
  private noteUpgrade(upgrade: UpgradeBody): void {
    this.upgrade = upgrade
    this.outer?.noteUpgrade(upgrade)
  }

  /** @param source what it is made of */
  holdStream(stream: Readable, source: unknown): void {
    noteSource(stream, source)
    this.heldStreams = [...this.heldStreams, stream]
    // The fields are sent before it is known whether the stream reads the session.
    this.session.noteUse()
  }
}

const tooLate = ({ name }: { readonly name: string }, where: string) =>
  new Error(
    `${name || 'A function'} was given to ${where} after its request had ended, so it never runs: await the ` +
      'work that a method starts.',
  )

/** The same request in a lifecycle around this one. */
function enclosingRequest(ctx: Context, last: RequestContext): RequestContext | undefined {
  // Middleware between the two may have come to an `await`.
  if (!last.runtime.asyncContext) return last.isOver ? undefined : last
  const outer = runningContext()
  return outer?.ctx === ctx ? (outer as RequestContext) : undefined
}
