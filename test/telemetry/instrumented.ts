/* eslint-disable @typescript-eslint/no-require-imports -- what is loaded first is what this program is about */
import type { IncomingMessage } from 'node:http'
import type * as HttpInstrumentation from '@opentelemetry/instrumentation-http'
import type * as Instrumentation from '@opentelemetry/instrumentation'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import type * as Ask from '../support/ask'
import type * as Serve from '../support/serve'
import type * as Telemetry from '../support/telemetry'
import type * as Traced from './traced-app'

/**
 * One application beside OpenTelemetry's instrumentation of `http`, which replaces functions of Node's module when that is
 * loaded. The argument says what comes first. Prints the spans and measures as JSON.
 */
const order = process.argv[2] as 'instrumentation' | 'flaskoa'

const { registerTracing, registerMetrics, endedSpans, measured } = require('../support/telemetry') as typeof Telemetry

function instrument(): void {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation') as typeof Instrumentation
  const { HttpInstrumentation: Http } = require('@opentelemetry/instrumentation-http') as typeof HttpInstrumentation
  registerTracing()
  registerMetrics()
  const ignoreIncomingRequestHook = ({ url }: IncomingMessage) => url === '/ignored'
  registerInstrumentations({
    instrumentations: [new Http({ disableOutgoingRequestInstrumentation: true, ignoreIncomingRequestHook })],
  })
}

function shown(span: ReadableSpan) {
  const { name, kind, attributes, status, events, instrumentationScope, parentSpanContext } = span
  const parent = endedSpans().find(each => each.spanContext().spanId === parentSpanContext?.spanId)?.name
  const exceptions = events.map(event => event.attributes?.['exception.message'])
  return { name, kind, attributes, status, exceptions, scope: instrumentationScope.name, parent }
}

async function main(): Promise<void> {
  if (order === 'instrumentation') instrument()
  const { makeApp } = require('./traced-app') as typeof Traced
  if (order === 'flaskoa') instrument()
  const { ask } = require('../support/ask') as typeof Ask
  const { serve, serveHttp2 } = require('../support/serve') as typeof Serve
  const app = makeApp()
  await serve(app, async url => {
    for (const path of ['/users/5', '/unknown', '/unhandled', '/ignored']) await ask(url + path)
    await ask(`${url}/broken`).catch(() => undefined)
  })
  await serveHttp2(app, async session => {
    const stream = session.request({ ':path': '/users/5' })
    stream.resume()
    await new Promise(resolve => stream.once('close', resolve))
  })
  const durations = await measured('http.server.request.duration')
  console.log(JSON.stringify({ spans: endedSpans().map(shown), durations }))
}

void main()
