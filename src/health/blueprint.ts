import { decorate } from '../decorators/decorate'
import { Blueprint, Get } from '../decorators/decorators'
import type { Class } from '../decorators/types'
import { REQUEST } from '../lifecycle/request-key'
import { APART, BUILT_IN } from '../plan/instance'
import type { RequestContext } from '../request/request-context'
import type { Context, KoaResponse } from '../types'
import { Check, type CheckResult } from './check'
import { checkHealthOptions, type HealthBlueprintOptions } from './options'

/**
 * Makes a blueprint with two routes for load balancers and orchestrators. `/livez` is 200 as long as the process answers.
 * `/readyz` is 200 when the application has started and all checks pass, and 503 otherwise and once a shutdown has begun. None
 * of the application's own methods run for them but the checks and `@TeardownAppContext` methods.
 *
 * @example bootstrap(App, { blueprints: [healthBlueprint({ checks: { database: () => db.ping() } })] })
 * @throws SetupError for wrong options
 */
export function healthBlueprint(options: HealthBlueprintOptions = {}): Class {
  checkHealthOptions(options)
  const { checks = {}, timeout = 1000, prefix = '', name = 'health', log = false } = options
  const made = Object.entries(checks).map(([name, check]) => [name, new Check(name, check, timeout)] as const)
  const routes = decorate(healthClass(made, log), {
    livez: Get('/livez', { doc: false }),
    readyz: Get('/readyz', { doc: false }),
  })
  Blueprint(prefix, { name })(routes)
  return routes
}

function healthClass(checks: readonly (readonly [string, Check])[], isLogged: boolean) {
  return class Health {
    static readonly [BUILT_IN] = undefined
    static readonly [APART] = { isLogged }
    #startError: unknown

    livez(ctx: Context): KoaResponse {
      return answer(ctx, true, { status: 'ok' })
    }

    readyz(ctx: Context): KoaResponse | Promise<KoaResponse> {
      const request = (ctx as unknown as { readonly [REQUEST]: RequestContext })[REQUEST]
      const { bindings, start } = request.runtime
      if (bindings.isShuttingDown) return answer(ctx, false, { status: 'shutting down' })
      if (start.hasPassed) return this.#check(request)
      // A load balancer sends no other request before this one is 200, so this one begins the start, and does not wait for it.
      start.run(request.app).catch((error: unknown) => this.#noteStart(request, error))
      return answer(ctx, false, { status: this.#startError === undefined ? 'starting' : 'failed to start' })
    }

    async #check(request: RequestContext): Promise<KoaResponse> {
      const report = (error: Error) => request.report(error)
      const results = await Promise.all(checks.map(async ([name, check]) => [name, await check.run(report)] as const))
      const isReady = results.every(([, { status }]) => status === 'ok')
      const { isDebug } = request.plan
      const shown = Object.fromEntries(results.map(([name, result]) => [name, shownOf(result, isDebug)]))
      return answer(request.ctx, isReady, { status: isReady ? 'ok' : 'failed', checks: shown })
    }

    /** Reports it once, and not for each probe. */
    #noteStart(request: RequestContext, error: unknown): void {
      if (this.#startError === undefined) request.report(error as Error)
      this.#startError = error
    }
  }
}

/** What clients see of a check: not its error, whose text may have addresses or secrets. */
function shownOf({ status, durationMs, error }: CheckResult, isDebug: boolean): object {
  return { status, durationMs, ...(isDebug && error !== undefined && { error: error.message }) }
}

function answer(ctx: Context, isGood: boolean, body: object): KoaResponse {
  ctx.status = isGood ? 200 : 503
  ctx.set('Cache-Control', 'no-store')
  ctx.body = body
  return ctx.response
}
