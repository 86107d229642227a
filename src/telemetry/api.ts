import type * as OpenTelemetry from '@opentelemetry/api'
import { SetupError } from '../errors/setup-error'

export type Api = typeof OpenTelemetry

/** Loads the package `@opentelemetry/api`, an optional peer. @throws SetupError if it is not installed */
export function openTelemetryApi(): Api {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() would be asynchronous
    return require('@opentelemetry/api') as Api
  } catch (cause) {
    throw new SetupError(
      'BAD_OPTION',
      'telemetry() needs the package @opentelemetry/api, which is not installed. Run npm i @opentelemetry/api.',
      { cause },
    )
  }
}

/** In which the copies of `@opentelemetry/api` 1.x find what the SDK has registered. */
const REGISTRY = Symbol.for('opentelemetry.js.api.1')

/** Whether any SDK was registered: without one all that the API does is in vain. */
export function isRegistered(): boolean {
  const { trace, metrics } = (globalThis as { [REGISTRY]?: { trace?: unknown; metrics?: unknown } })[REGISTRY] ?? {}
  return trace !== undefined || metrics !== undefined
}
