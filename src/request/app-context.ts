import type Koa from 'koa'
import type { LifecycleEvents } from '../events'
import type { Surroundings } from '../lifecycle/exchange'
import type { Context, Globals } from '../types'
import { Blank } from '../util/blank'
import { emitError, isFirstReport } from './error-event'
import type { Runtime } from './runtime'

/** What the storage holds for code that belongs to a context. An interruption gives the context another one. */
export interface Generation {
  readonly context: AppContext
}

/** What `g` and `currentApp()` work on: a request has one, and code outside of requests can be given one. */
export class AppContext implements Generation, Surroundings {
  // Plain fields: the proxies `g` and `session` reach them at each use.
  readonly g = new Blank() as Globals
  /** This context, or a new object after each interruption: interrupted code still has the earlier one. */
  generation: Generation = this

  constructor(
    readonly app: Koa,
    readonly runtime: Runtime,
    readonly ctx: Context | undefined,
  ) {}

  get context(): this {
    return this
  }

  /** Whether an HTTP error that is thrown now is an answer and no failure, so that its stack is of no use. */
  needsNoStack(): boolean {
    return false
  }

  get plan() {
    return this.runtime.plan
  }

  /** Emits an event of the lifecycle on the application, with `ctx` as the last argument [15.1]. */
  emit(name: keyof LifecycleEvents, ...args: unknown[]): void {
    this.app.emit(name, ...args, this.ctx)
  }

  /** Emits the application's `error` event, once for each error. */
  report(error: Error): void {
    if (isFirstReport(this.ctx ?? this, error)) emitError(this.app, error, this.ctx)
  }
}
