import type { Histogram, MeterProvider, UpDownCounter } from '@opentelemetry/api'
import type { Api } from './api'

/** Those of the semantic conventions, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

export interface Instruments {
  readonly duration: Histogram
  readonly active: UpDownCounter
}

/**
 * Returns the instruments of the meter provider that is registered now. Unlike a tracer, an instrument that was made before the
 * provider was registered never measures anything.
 */
export function instrumentsOf({ metrics }: Api): () => Instruments {
  let provider: MeterProvider | undefined
  let instruments: Instruments
  return () => {
    const current = metrics.getMeterProvider()
    if (current !== provider) {
      provider = current
      instruments = instrumentsFrom(current)
    }
    return instruments
  }
}

function instrumentsFrom(provider: MeterProvider): Instruments {
  const meter = provider.getMeter('flaskoa')
  return {
    duration: meter.createHistogram('http.server.request.duration', {
      description: 'Duration of HTTP server requests.',
      unit: 's',
      advice: { explicitBucketBoundaries: BUCKETS },
    }),
    active: meter.createUpDownCounter('http.server.active_requests', {
      description: 'Number of active HTTP server requests.',
      unit: '{request}',
    }),
  }
}
