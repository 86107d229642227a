import type Koa from 'koa'
import { StartError } from '../errors/start-error'
import { inThisScope } from '../util/async-scope'
import type { AppContext } from './app-context'
import { runInAppContext } from './run-in-app-context'
import type { Start } from './runtime'
import { runningContext } from './storage'

/** Runs the `@OnStart` methods of one lifecycle, once. */
export class ApplicationStart implements Start {
  hasPassed: boolean
  running: string | undefined
  readonly #methods: readonly (() => unknown)[]
  readonly #contextOf: (app: Koa) => AppContext
  /** In the async context of `bootstrap`: what the methods open must not keep the context of the first request. */
  readonly #runOnce: (app: Koa) => Promise<void>
  #started: Promise<void> | undefined
  #context: AppContext | undefined

  /** @param contextOf makes a context for the methods */
  constructor(methods: readonly (() => unknown)[], contextOf: (app: Koa) => AppContext) {
    this.#methods = methods
    this.#contextOf = contextOf
    this.hasPassed = methods.length === 0
    this.#runOnce = this.hasPassed ? () => Promise.resolve() : inThisScope((app: Koa) => this.#runAll(app))
  }

  run(app: Koa): Promise<void> {
    if (this.running !== undefined && runningContext() === this.#context)
      return Promise.reject(waitsForItself(this.running))
    return (this.#started ??= this.#runOnce(app))
  }

  async runForRequest(app: Koa): Promise<void> {
    try {
      await this.run(app)
    } catch (error) {
      throw error instanceof StartError ? new StartError(error.method, error.cause) : error
    }
  }

  async ended(): Promise<void> {
    await Promise.allSettled([this.#started])
  }

  async #runAll(app: Koa): Promise<void> {
    this.#context = this.#contextOf(app)
    await runInAppContext(this.#context, async () => {
      for (const method of this.#methods) await this.#runOne(method)
    })
    this.hasPassed = true
  }

  async #runOne(method: () => unknown): Promise<void> {
    try {
      this.running = method.name
      await method()
    } catch (thrown) {
      throw new StartError(method.name, thrown)
    } finally {
      this.running = undefined
    }
  }
}

const waitsForItself = (method: string) =>
  new Error(
    `${method}: an @OnStart method can't wait for the start of its own application, by app.ready() or a request of testClient: ` +
      'the start waits for the method. Do this after app.ready().',
  )
