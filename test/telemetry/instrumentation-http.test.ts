import { join } from 'node:path'
import { SpanKind, SpanStatusCode, context, trace, type Context as OtelContext } from '@opentelemetry/api'
import type Koa from 'koa'
import { Get, bootstrap } from 'flaskoa'
import { telemetry } from 'flaskoa/telemetry'
import { testClient } from 'flaskoa/testing'
import { run } from '../support/run'
import { endedSpans, measured, registerMetrics, registerTracing, unregister } from '../support/telemetry'

interface Printed {
  spans: {
    name: string
    kind: SpanKind
    scope: string
    parent?: string
    exceptions: string[]
    attributes: Record<string, unknown>
    status: { code: SpanStatusCode }
  }[]
  durations: { scope: string; count: number; attributes: Record<string, unknown> }[]
}

const HTTP = '@opentelemetry/instrumentation-http'
const RULE = '/users/<int:id>'

describe.each(['instrumentation', 'flaskoa'])('beside the instrumentation of http, %s loaded first', first => {
  let printed: Printed
  beforeAll(async () => {
    const { stdout, stderr, status } = await run(join(__dirname, 'instrumented.ts'), first)
    if (status !== 0) throw new Error(stderr)
    printed = JSON.parse(stdout) as Printed
  })

  test('each request has one server span, by the rule: over HTTP/2, which it does not know, one of flaskoa', () => {
    const servers = printed.spans.filter(({ kind }) => kind === SpanKind.SERVER)
    expect(servers.map(({ name, scope, attributes }) => [scope, name, attributes['http.route']])).toEqual([
      [HTTP, `GET ${RULE}`, RULE],
      [HTTP, 'GET', undefined],
      [HTTP, 'GET /unhandled', '/unhandled'],
      [HTTP, 'GET /broken', '/broken'],
      ['flaskoa', `GET ${RULE}`, RULE],
    ])
  })

  test('its span has the errors, and is the parent of the spans of methods', () => {
    const failed = printed.spans.filter(({ exceptions }) => exceptions.length > 0)
    expect(failed.map(({ name, exceptions, status }) => [name, exceptions, status.code])).toEqual([
      ['App.unhandled', ['unhandled'], SpanStatusCode.ERROR],
      ['GET /unhandled', ['unhandled'], SpanStatusCode.ERROR],
      ['GET /broken', ['broken off'], SpanStatusCode.ERROR],
    ])
    const methods = printed.spans.filter(({ kind }) => kind === SpanKind.INTERNAL)
    expect(methods.map(({ name, parent }) => [parent, name])).toEqual([
      [`GET ${RULE}`, 'App.user'],
      ['GET /unhandled', 'App.unhandled'],
      ['GET /broken', 'App.broken'],
      [`GET ${RULE}`, 'App.user'],
    ])
  })

  test('each duration is measured once, and nothing of what it is told to ignore', () => {
    expect(printed.durations.map(({ scope, count, attributes }) => [scope, count, attributes['http.route']])).toEqual([
      [HTTP, 1, RULE],
      [HTTP, 1, undefined],
      [HTTP, 1, '/unhandled'],
      [HTTP, 1, '/broken'],
      ['flaskoa', 1, RULE],
    ])
  })
})

describe('what the instrumentation keeps in the context', () => {
  const RPC_METADATA = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA')
  const SUPPRESS_TRACING = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

  beforeEach(() => {
    registerTracing()
    registerMetrics()
  })
  afterEach(unregister)

  class App {
    @Get('/') index() {
      return ''
    }
    @Get('/unhandled') unhandled(): string {
      throw new TypeError('unhandled')
    }
  }

  /** Middleware that runs the next with something in the context. */
  const inContext =
    (change: (active: OtelContext) => OtelContext): Koa.Middleware =>
    (_, next) =>
      context.with(change(context.active()), next)
  const withMetadata = (type: string) =>
    inContext(active => {
      const span = trace.getTracer('http').startSpan('http', { kind: SpanKind.SERVER })
      return trace.setSpan(active, span).setValue(RPC_METADATA, { type, span })
    })
  const get = (middleware: Koa.Middleware[], path = '/') =>
    testClient(bootstrap(App, { middleware, logger: false })).get(path)

  test('is the span of the request, which gets its errors and is not ended here', async () => {
    const seen: ReturnType<typeof trace.getActiveSpan>[] = []
    const look: Koa.Middleware = (_, next) => {
      seen.push(trace.getActiveSpan())
      return next()
    }
    await get([withMetadata('http'), telemetry(), look], '/unhandled')
    expect(endedSpans()).toHaveLength(0)
    seen[0]?.end()
    const [span] = endedSpans()
    expect(span?.name).toBe('http')
    expect(span?.attributes).toMatchObject({ 'http.route': '/unhandled', 'error.type': 'TypeError' })
    expect(span?.events[0]?.attributes).toMatchObject({ 'exception.message': 'unhandled' })
    expect(await measured('http.server.request.duration')).toEqual([])
  })

  test('does not say whether the duration is measured, if an option does', async () => {
    await get([withMetadata('http'), telemetry({ metrics: true })])
    expect(await measured('http.server.request.duration')).toEqual([expect.objectContaining({ count: 1 })])
  })

  test('may have no span', async () => {
    await get([inContext(active => active.setValue(RPC_METADATA, { type: 'http' })), telemetry()], '/unhandled')
    expect(endedSpans()).toHaveLength(0)
  })

  test('may be of another protocol', async () => {
    await get([withMetadata('grpc'), telemetry()])
    expect(endedSpans().map(({ name }) => name)).toEqual(['GET /'])
  })

  test('may be of another request, whose code has called this application', async () => {
    const inner = bootstrap(App, { middleware: [telemetry()] })
    const call: Koa.Middleware = async ctx => {
      ctx.body = (await testClient(inner).get('/')).status
    }
    await get([withMetadata('http'), telemetry(), call])
    expect(endedSpans().map(({ name }) => name)).toEqual(['GET /'])
  })

  test('may suppress spans and measures', async () => {
    const suppress = inContext(active => active.setValue(SUPPRESS_TRACING, true))
    await get([suppress, telemetry({ methods: true })])
    expect(endedSpans()).toHaveLength(0)
    expect(await measured('http.server.request.duration')).toEqual([])
  })
})
