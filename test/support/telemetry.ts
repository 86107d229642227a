import { context, metrics, propagation, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
} from '@opentelemetry/sdk-metrics'
import {
  PeriodicExportingMetricReader,
  type DataPoint,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'

const spanExporter = new InMemorySpanExporter()
let metricExporter: InMemoryMetricExporter
let reader: PeriodicExportingMetricReader | undefined

/** Registers OpenTelemetry's SDK with exporters in memory. */
export function registerTracing(): void {
  new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] }).register()
}

/** The same for metrics, of which nothing earlier is kept. */
export function registerMetrics(): void {
  metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  reader = new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 2 ** 30 })
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }))
}

/** As in a process without SDK. */
export async function unregister(): Promise<void> {
  for (const api of [trace, context, propagation, metrics]) api.disable()
  spanExporter.reset()
  await reader?.shutdown()
  reader = undefined
}

/** The spans that have ended, in the order of their ends. */
export const endedSpans = (): ReadableSpan[] => spanExporter.getFinishedSpans()

/** What was measured of one metric, one entry for each set of attributes. */
export async function measured(name: string) {
  metricExporter.reset()
  await reader?.forceFlush()
  return metricExporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ scope, metrics: each }) => each.map(metric => ({ scope: scope.name, metric })))
    .filter(({ metric }) => metric.descriptor.name === name)
    .flatMap(({ scope, metric }) => pointsOf(metric).map(point => ({ scope, unit: metric.descriptor.unit, ...point })))
}

const pointsOf = ({ dataPointType, dataPoints }: MetricData) =>
  (dataPoints as DataPoint<number | Histogram>[]).map(({ attributes, value }) =>
    dataPointType === DataPointType.HISTOGRAM
      ? { attributes, ...ofHistogram(value as Histogram) }
      : { attributes, value },
  )

const ofHistogram = ({ count, sum, buckets }: Histogram) => ({ count, sum, boundaries: buckets.boundaries })
