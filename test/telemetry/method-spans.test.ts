import { SpanStatusCode, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import {
  AfterResponse,
  BeforeRequest,
  ErrorHandler,
  Get,
  Post,
  TeardownRequest,
  abort,
  afterThisRequest,
  afterThisResponse,
  bootstrap,
  lifecycle,
  withAppContext,
  type Context,
  type Response,
} from 'flaskoa'
import { telemetry } from 'flaskoa/telemetry'
import { testClient } from 'flaskoa/testing'
import { z } from 'zod'
import { settled } from '../support/gate'
import { serve } from '../support/serve'
import { endedSpans, registerTracing, unregister } from '../support/telemetry'
import { until } from '../support/until'
import { koaOf } from '../support/worlds'

beforeEach(registerTracing)
afterEach(unregister)

/** A span that code of the application makes. */
const work = (name: string) => trace.getTracer('app').startSpan(name).end()

class App {
  @BeforeRequest async login() {
    await Promise.resolve()
    work('query')
  }
  @Get('/') index() {
    afterThisRequest((response: Response) => response)
    work('render')
    return 'fine'
  }
  @Post('/', { body: z.object({ a: z.string() }) }) create() {
    return 'made'
  }
  @Get('/failing') async failing(): Promise<string> {
    await Promise.resolve()
    throw new RangeError('late')
  }
  @Get('/missing') missing(): string {
    return abort(404)
  }
  @Get('/unavailable') unavailable(): string {
    return abort(503)
  }
  @Get('/left') left({ req, signal }: Context) {
    req.socket.destroy()
    return new Promise<string>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  }
  @ErrorHandler(RangeError) failed() {
    return 'answered'
  }
  @TeardownRequest async teardown() {
    await Promise.resolve()
    work('release')
  }
  @AfterResponse sent() {
    work('log')
  }
}

/** The spans as `parent > name`, in the order of their ends. */
function tree(): string[] {
  const spans = endedSpans()
  const names = new Map(spans.map(span => [span.spanContext().spanId, span.name]))
  return spans.map(({ name, parentSpanContext }) => `${names.get(parentSpanContext?.spanId ?? '') ?? ''} > ${name}`)
}

const ended = (name: string) => until(`${name} has ended`, () => endedSpans().some(span => span.name === name))
const spanOf = (name: string) => endedSpans().find(span => span.name === name) as ReadableSpan

describe.each([
  ['in bootstrap', () => bootstrap(App, { middleware: [telemetry({ methods: true })], logger: false })],
  ['in plain Koa', () => koaOf(telemetry({ methods: true }), lifecycle(App))],
  ['without asyncContext', () => koaOf(telemetry({ methods: true }), lifecycle(App, { asyncContext: false }))],
])('the spans of methods %s', (_, make) => {
  test('are children of the server span, and parents of those that a method makes', async () => {
    await testClient(make()).get('/')
    await ended('App.sent')
    const spans = tree()
    const server = spans.indexOf(' > GET /')
    expect([...spans.slice(0, server), ...spans.slice(server + 1)]).toEqual([
      'App.login > query',
      'GET / > App.login',
      'App.index > render',
      'GET / > App.index',
      'GET / > after',
      'App.teardown > release',
      'GET / > App.teardown',
      'App.sent > log',
      'GET / > App.sent',
    ])
    expect(spanOf('App.login').attributes).toEqual({ 'flaskoa.stage': 'before' })
  })

  test('of the input has the name of the stage', async () => {
    await testClient(make()).post('/', { json: { a: 'b' } })
    expect(tree()).toContain('POST / > input')
  })

  test('have the errors that methods throw', async () => {
    await testClient(make()).get('/failing')
    const { attributes, events, status } = spanOf('App.failing')
    expect(attributes).toMatchObject({ 'flaskoa.stage': 'view', 'error.type': 'RangeError' })
    expect(events[0]?.attributes).toMatchObject({ 'exception.message': 'late' })
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'late' })
    expect(tree()).toContain('GET /failing > App.failed')
  })

  test.each([
    ['/missing', 'App.missing', SpanStatusCode.UNSET, 0],
    ['/unavailable', 'App.unavailable', SpanStatusCode.ERROR, 1],
  ])('have only HTTP errors that are failures of the server: %s', async (path, name, code, events) => {
    await testClient(make()).get(path)
    expect(spanOf(name).status.code).toBe(code)
    expect(spanOf(name).events).toHaveLength(events)
  })
})

test('a method that a disconnected client has cut off has not failed', async () => {
  await serve(bootstrap(App, { middleware: [telemetry({ methods: true })], logger: false }), async url => {
    await fetch(`${url}/left`).catch(() => undefined)
    await ended('App.left')
  })
  expect(spanOf('App.left').events).toEqual([])
  expect(spanOf('App.left').status.code).toBe(SpanStatusCode.UNSET)
})

test('methods outside of a request have no spans', async () => {
  telemetry({ methods: true })
  await withAppContext(bootstrap(App), () => undefined)
  expect(tree()).toEqual([])
})

test('methods have no spans unless they are asked for', async () => {
  await testClient(bootstrap(App, { middleware: [telemetry()] })).get('/')
  await ended('log')
  expect(tree().sort()).toEqual([' > GET /', 'GET / > log', 'GET / > query', 'GET / > release', 'GET / > render'])
})

test('work after the response belongs to the trace of its request', async () => {
  class After {
    @Get('/') index() {
      afterThisResponse(async () => {
        await settled()
        work('mail')
      })
      return ''
    }
  }
  await testClient(bootstrap(After, { middleware: [telemetry()] })).get('/')
  await ended('mail')
  expect(tree()).toContain('GET / > mail')
})
