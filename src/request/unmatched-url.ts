import { findErrorHandler } from '../lifecycle/error-handlers'
import { noMiddleware } from '../engine/application'
import type { Pipeline } from '../lifecycle/exchange'
import type { Plan } from '../plan/plan'
import type { PlannedRoute } from '../plan/planned-route'
import { AS_RECEIVED, type ResponseState } from '../response/response-state'
import { isResponseWritten } from '../response/snapshot'
import type { Match } from '../routing/router'
import type { Context } from '../types'
import type { RequestFailure } from './failure'
import { isUnrouted, routingFailure, routingRedirect, type BadHost } from './routing-failure'

/** How a URL failed to match. */
export type Mismatch = Exclude<Match<PlannedRoute>, { kind: 'found' }> | BadHost

/** What is needed of the request. */
interface Unmatched {
  readonly ctx: Context
  readonly plan: Plan
  readonly pipeline: Pipeline
  readonly response: ResponseState
  readonly mountPath: string
  readonly afterThisResponse?: readonly unknown[]
  refusal?: Error
  failure: RequestFailure | undefined
}

/** A request whose URL matches no rule: other middleware may answer it, or else the router refuses it. */
export class UnmatchedUrl {
  private readonly request: Unmatched
  private readonly mismatch: Mismatch
  private readonly next: () => Promise<unknown>

  /** @param next Koa's: what comes after the lifecycle */
  constructor(request: Unmatched, mismatch: Mismatch, next: () => Promise<unknown>) {
    this.request = request
    this.mismatch = mismatch
    this.next = next
  }

  answer(): unknown {
    // Later middleware would use the host as well.
    return this.isAlone || this.mismatch.kind === 'badHost' ? this.refuse() : this.callMiddleware()
  }

  /** Leaves the page to outer middleware, unless a method of the application has answered. */
  deferPage(): void {
    const { failure, pipeline, response } = this.request
    if (failure === undefined || this.isAlone || !isUnrouted(failure.error)) return
    if (findErrorHandler(pipeline.errorHandlers, failure.error) !== undefined) return
    if (response.deferPage(failure.error)) this.request.failure = { ...failure, isDeferred: true }
  }

  private callMiddleware(): Promise<unknown> {
    const { ctx, response } = this.request
    const { body, status } = ctx
    return Promise.resolve(this.next()).then(() => {
      if (isResponseWritten(ctx, { body, status })) return undefined
      return response.isAnswered ? AS_RECEIVED : this.refuse()
    })
  }

  /** Whether the lifecycle is the application's only middleware. */
  private get isAlone(): boolean {
    return this.next === noMiddleware
  }

  private refuse(): void {
    const { mismatch } = this
    this.request.refusal =
      mismatch.kind === 'redirect' ? this.redirectTo(mismatch.path) : routingFailure(mismatch, this.showsErrors)
  }

  /** Whether any code of the application's may see the error. */
  private get showsErrors(): boolean {
    const { pipeline, afterThisResponse, plan } = this.request
    const isSeenLater = pipeline.afterResponse.length > 0 || afterThisResponse !== undefined
    return isSeenLater || pipeline.errorHandlers.length > 0 || plan.settings.trapHttpExceptions
  }

  private redirectTo(path: string): Error {
    const { ctx, mountPath, response } = this.request
    const url = mountPath + path + ctx.search
    return routingRedirect(path, () => response.redirect(url, 308))
  }
}
