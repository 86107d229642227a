import type Koa from 'koa'
import type { Lifecycle } from './middleware'
import { Blank } from './blank'
import { isNews, tell } from './told'
import type { Context, Globals } from './types'

/** What the storage holds for code that belongs to a context. */
export interface Era {
  readonly context: AppContext
}

/** What `g` and `currentApp()` work on: a request has one, and code outside of requests can be given one. */
export class AppContext implements Era {
  readonly g = new Blank() as Globals
  /** Itself, and a new one whenever something was given up that may still run. */
  era: Era = this

  constructor(
    readonly app: Koa,
    readonly lifecycle: Lifecycle,
    readonly ctx: Context | undefined,
  ) {}

  get context(): this {
    return this
  }

  get teardownAppContext() {
    return this.lifecycle.plan.teardownAppContext
  }

  /** Tells listeners of the application, as `app.on(name, ...)`, what has come to pass (docs/rules.md 15.1). */
  signal(name: string, ...given: unknown[]): void {
    this.app.emit(name, ...given, this.ctx)
  }

  /** Tells the application of an error that nobody handled, of each once. */
  report(error: Error): void {
    if (isNews(this.ctx ?? this, error)) tell(this.app, error, this.ctx)
  }
}
