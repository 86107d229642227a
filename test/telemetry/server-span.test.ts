import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import Router from '@koa/router'
import type Koa from 'koa'
import mount from 'koa-mount'
import { ErrorHandler, Get, Route, TeardownRequest, abort, bootstrap, lifecycle, type Context } from 'flaskoa'
import { telemetry } from 'flaskoa/telemetry'
import { testClient } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { Gate } from '../support/gate'
import { serve, serveHttp2 } from '../support/serve'
import { endedSpans, registerTracing, unregister } from '../support/telemetry'
import { until } from '../support/until'
import { koaOf, worlds } from '../support/worlds'

beforeEach(registerTracing)
afterEach(unregister)

class Late extends Error {
  override name = 'Late'
}

class App {
  @Get('/users/<int:id>') user({ id }: { id: number }) {
    return { id }
  }
  @Route('/any', { methods: ['GET', 'PURGE'] }) any() {
    return ''
  }
  @Get('/unhandled') unhandled(): string {
    throw new TypeError('unhandled')
  }
  @Get('/handled') handled(): string {
    throw new RangeError('handled')
  }
  @Get('/unavailable') unavailable(): string {
    return abort(503)
  }
  @Get('/broken') async *broken() {
    yield 'some'
    await turn()
    throw new Late('broken off')
  }
  @Get('/leaking') leaking() {
    return 'fine'
  }
  @ErrorHandler(RangeError) outOfRange() {
    return 'range'
  }
  @TeardownRequest teardown(_: unknown, { path }: Context) {
    if (path === '/leaking') throw new Late('from teardown')
  }
}

const serverSpan = async () => {
  await until('the server span has ended', () => endedSpans().length > 0)
  expect(endedSpans()).toHaveLength(1)
  return endedSpans()[0] as ReadableSpan
}

describe.each(worlds)('the server span %s', (_, make) => {
  const app = (): Koa => make(App, [telemetry()])

  test('has the name of the rule, and what the semantic conventions say of a request', async () => {
    let port = ''
    await serve(app(), async url => {
      ;({ port } = new URL(url))
      await ask(`${url}/users/5?a=b&sig=c`, { headers: { 'User-Agent': 'me/1.0' } })
    })
    const span = await serverSpan()
    expect(span.name).toBe('GET /users/<int:id>')
    expect(span.kind).toBe(SpanKind.SERVER)
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET })
    expect(span.attributes).toEqual({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': '/users/<int:id>',
      'network.protocol.version': '1.1',
      'client.address': '127.0.0.1',
      'server.address': '127.0.0.1',
      'server.port': Number(port),
      'url.path': '/users/5',
      'url.query': 'a=b&sig=REDACTED',
      'url.scheme': 'http',
      'user_agent.original': 'me/1.0',
    })
  })

  test('over HTTP/2', async () => {
    await serveHttp2(app(), async session => {
      const stream = session.request({ ':path': '/users/5' })
      stream.resume()
      await once(stream, 'close')
    })
    const { name, attributes } = await serverSpan()
    expect(name).toBe('GET /users/<int:id>')
    expect(attributes).toMatchObject({ 'network.protocol.version': '2', 'http.response.status_code': 200 })
  })

  test('has no route where no rule matches', async () => {
    await serve(app(), url => ask(`${url}/unknown/5`))
    const { name, attributes, status } = await serverSpan()
    expect(name).toBe('GET')
    expect(attributes).not.toHaveProperty(['http.route'])
    expect(attributes).toMatchObject({ 'http.response.status_code': 404, 'url.path': '/unknown/5' })
    expect(attributes).not.toHaveProperty(['error.type'])
    expect(status.code).toBe(SpanStatusCode.UNSET)
  })

  test('has _OTHER for a method that is in no list', async () => {
    await serve(app(), url => ask(`${url}/any`, { method: 'PURGE' }))
    const { name, attributes } = await serverSpan()
    expect(name).toBe('HTTP /any')
    expect(attributes).toMatchObject({ 'http.request.method': '_OTHER', 'http.request.method_original': 'PURGE' })
  })

  test('has an unhandled error as an exception', async () => {
    await serve(app(), url => ask(`${url}/unhandled`))
    const { attributes, events, status } = await serverSpan()
    expect(attributes).toMatchObject({ 'http.response.status_code': 500, 'error.type': 'TypeError' })
    expect(events).toEqual([expect.objectContaining({ name: 'exception' })])
    expect(events[0]?.attributes).toMatchObject({ 'exception.type': 'TypeError', 'exception.message': 'unhandled' })
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'unhandled' })
  })

  test.each([
    ['/handled', 200, undefined, SpanStatusCode.UNSET],
    ['/unavailable', 503, '503', SpanStatusCode.ERROR],
  ])('has no exception for an error that was answered: %s', async (path, code, type, status) => {
    await serve(app(), url => ask(url + path))
    const span = await serverSpan()
    expect(span.events).toEqual([])
    expect(span.attributes).toMatchObject({ 'http.response.status_code': code })
    expect(span.attributes['error.type']).toBe(type)
    expect(span.status).toEqual({ code: status })
  })

  test('has the error of a stream, although the status was sent before', async () => {
    await serve(app(), url => ask(`${url}/broken`).catch(() => undefined))
    const { attributes, events, status } = await serverSpan()
    expect(attributes).toMatchObject({ 'http.response.status_code': 200, 'error.type': 'Late' })
    expect(events[0]?.attributes).toMatchObject({ 'exception.message': 'broken off' })
    expect(status.code).toBe(SpanStatusCode.ERROR)
  })

  test('has the error of a stream over HTTP/2', async () => {
    await serveHttp2(app(), async session => {
      const stream = session.request({ ':path': '/broken' }).on('error', () => undefined)
      stream.resume()
      // Not `once` of node:events, which rejects for an error.
      await new Promise(resolve => stream.once('close', resolve))
    })
    const { attributes, events, status } = await serverSpan()
    expect(attributes).toMatchObject({ 'http.response.status_code': 200, 'error.type': 'Late' })
    expect(events[0]?.attributes).toMatchObject({ 'exception.message': 'broken off' })
    expect(status.code).toBe(SpanStatusCode.ERROR)
  })

  test('has the error of a teardown method, and is no failure', async () => {
    await serve(app(), url => ask(`${url}/leaking`))
    const { attributes, events, status } = await serverSpan()
    expect(events[0]?.attributes).toMatchObject({ 'exception.message': 'from teardown' })
    expect(attributes).not.toHaveProperty(['error.type'])
    expect(status.code).toBe(SpanStatusCode.UNSET)
  })

  test('is a child of the span of the client', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await serve(app(), url => ask(`${url}/users/5`, { headers: { traceparent } }))
    const span = await serverSpan()
    expect(span.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c')
    expect(span.parentSpanContext?.spanId).toBe('b7ad6b7169203331')
  })

  test('ends with the last byte of a stream, not when the middleware has returned', async () => {
    const gate = new Gate()
    class Slow {
      @Get('/') index() {
        return Readable.from(
          (async function* () {
            yield 'first'
            await gate.pass()
            yield 'last'
          })(),
        )
      }
    }
    await serve(make(Slow, [telemetry()]), async url => {
      const response = await fetch(url)
      const reader = (response.body as ReadableStream<Uint8Array>).getReader()
      await reader.read()
      await turn()
      expect(endedSpans()).toHaveLength(0)
      gate.open()
      while (!(await reader.read()).done);
    })
    await serverSpan()
  })

  test('ends when the client has disconnected, without a status if none was sent', async () => {
    const gate = new Gate()
    class Slow {
      @Get('/') async index() {
        await gate.pass()
        return ''
      }
    }
    await serve(make(Slow, [telemetry()]), async url => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await gate.reached
      socket.destroy()
      const { attributes, events, status, name } = await serverSpan()
      expect(name).toBe('GET /')
      expect(attributes).not.toHaveProperty(['http.response.status_code'])
      expect(events).toEqual([])
      expect(status.code).toBe(SpanStatusCode.UNSET)
      gate.open()
    })
  })
})

describe('the server span', () => {
  test.each([
    ['a.example', ['a.example', 80]],
    ['a.example:8080', ['a.example', 8080]],
    ['[::1]:81', ['::1', 81]],
    ['a b', [undefined, undefined]],
  ])('has the name and port of the server from the field Host: %s', async (host, expected) => {
    const app = bootstrap(App, { middleware: [telemetry()] })
    await serve(app, url => ask(`${url}/users/5`, { headers: { Host: host } }))
    const { attributes } = await serverSpan()
    expect([attributes['server.address'], attributes['server.port']]).toEqual(expected)
  })

  test('follows a proxy that is trusted', async () => {
    const app = bootstrap(App, { middleware: [telemetry()], koa: { proxy: true } })
    const headers = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'a.example', 'X-Forwarded-For': '10.1.2.3' }
    await serve(app, url => ask(`${url}/users/5`, { headers }))
    expect((await serverSpan()).attributes).toMatchObject({
      'url.scheme': 'https',
      'server.address': 'a.example',
      'server.port': 443,
      'client.address': '10.1.2.3',
    })
  })

  test.each([
    ['/users/5?X-Amz-Signature=a&b', '/users/5', 'X-Amz-Signature=REDACTED&b'],
    ['/users/5?s%69g=a&Sig=b&token=c', '/users/5', 's%69g=REDACTED&Sig=b&token=REDACTED'],
    ['/users/5?=a&sig', '/users/5', '=a&sig'],
    ['/users/5?', '/users/5', undefined],
    ['http://a.example/users/5?sig=a', '/users/5', 'sig=REDACTED'],
    ['http://a.example', '/', undefined],
    ['http://a.example?a=b', '/', 'a=b'],
  ])('has no secret of the URL: %s', async (target, path, query) => {
    const app = bootstrap(App, { middleware: [telemetry({ redact: ['token'] })] })
    await serve(app, url => ask(url, { target }))
    const { attributes } = await serverSpan()
    expect([attributes['url.path'], attributes['url.query']]).toEqual([path, query])
  })

  test('begins the route with what koa-mount has taken off', async () => {
    await serve(koaOf(telemetry(), mount('/a', lifecycle(App))), url => ask(`${url}/a/users/5`))
    const { name, attributes } = await serverSpan()
    expect(name).toBe('GET /a/users/<int:id>')
    expect(attributes).toMatchObject({ 'url.path': '/a/users/5' })
  })

  test('has the path of a route of @koa/router beside a lifecycle', async () => {
    const router = new Router().get('/plain/:id', ctx => {
      ctx.body = 'plain'
    })
    await serve(koaOf(telemetry(), lifecycle(App), router.routes() as never), url => ask(`${url}/plain/5`))
    expect((await serverSpan()).name).toBe('GET /plain/:id')
  })

  test('is one, however many applications the request passes', async () => {
    const inner = bootstrap(App, { middleware: [telemetry()] })
    const handle = inner.callback()
    const nested = koaOf(telemetry(), mount('/a', inner), ctx => {
      ctx.respond = false
      return handle(ctx.req, ctx.res)
    })
    await serve(nested, url => ask(`${url}/a/users/5`))
    expect((await serverSpan()).name).toBe('GET /a/users/<int:id>')
    await serve(nested, url => ask(`${url}/users/5`))
    expect(endedSpans()).toHaveLength(2)
  })

  test('of a request that other middleware refuses has no exception', async () => {
    const refuse = (ctx: Koa.Context) => ctx.throw(401, 'who are you')
    await serve(bootstrap(App, { middleware: [telemetry(), refuse], logger: false }), url => ask(`${url}/users/5`))
    const { attributes, events } = await serverSpan()
    expect(attributes).toMatchObject({ 'http.response.status_code': 401 })
    expect(events).toEqual([])
  })

  test('has no exception for an error that is reported without a request', async () => {
    const app = bootstrap(App, { middleware: [telemetry()], logger: false })
    const report: Koa.Middleware = (_, next) => {
      app.emit('error', new Error('of a timer'))
      return next()
    }
    app.middleware.splice(1, 0, report)
    await testClient(app).get('/users/5')
    expect((await serverSpan()).events).toEqual([])
  })

  test('has no address of a client that uses a Unix socket', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'flaskoa-')), 'socket')
    const server = bootstrap(App, { middleware: [telemetry()] }).listen(path)
    await once(server, 'listening')
    await new Promise(resolve => request({ socketPath: path, path: '/users/5' }, resolve).end())
    const { attributes } = await serverSpan()
    expect(attributes).not.toHaveProperty(['client.address'])
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
    await rm(dirname(path), { recursive: true })
  })

  test('is a child of a span in which the request is made in this process', async () => {
    const client = testClient(bootstrap(App, { middleware: [telemetry()] }))
    const span = trace.getTracer('test').startSpan('around')
    await context.with(trace.setSpan(context.active(), span), () => client.get('/users/5'))
    span.end()
    expect(endedSpans().map(({ name }) => name)).toEqual(['GET /users/<int:id>', 'around'])
    expect(endedSpans()[0]?.parentSpanContext?.spanId).toBe(span.spanContext().spanId)
  })

  test('is no child of a span that has ended, such as one around listen', async () => {
    const client = testClient(bootstrap(App, { middleware: [telemetry()] }))
    const span = trace.getTracer('test').startSpan('start')
    span.end()
    await context.with(trace.setSpan(context.active(), span), () => client.get('/users/5'))
    expect(endedSpans()[1]?.parentSpanContext).toBeUndefined()
  })

  test('keeps what middleware in front has put into the context', async () => {
    let seen: string | undefined
    class Reading {
      @Get('/') index() {
        seen = propagation.getActiveBaggage()?.getEntry('a')?.value
        return ''
      }
    }
    const baggage = propagation.createBaggage({ a: { value: 'b' } })
    const around: Koa.Middleware = (_, next) => context.with(propagation.setBaggage(context.active(), baggage), next)
    await testClient(bootstrap(Reading, { middleware: [around, telemetry()] })).get('/')
    expect(seen).toBe('b')
  })
})
