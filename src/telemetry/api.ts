import type * as OpenTelemetry from '@opentelemetry/api'
import { SetupError } from '../errors/setup-error'
import { openTelemetry } from '../request/http-route'

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

/** Whether any SDK was registered: without one all that the API does is in vain. */
export function isRegistered(): boolean {
  const { trace, metrics } = openTelemetry() ?? {}
  return trace !== undefined || metrics !== undefined
}
