import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import Koa from 'koa'
import mount from 'koa-mount'
import {
  AfterAppResponse,
  AfterRequest,
  AfterResponse,
  BeforeAppRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  OnStart,
  TeardownAppContext,
  TeardownRequest,
  UrlValuePreprocessor,
  abort,
  bootstrap,
  gracefulShutdown,
  lifecycle,
  urlFor,
  type BootstrapOptions,
  type KoaResponse,
  type Outcome,
} from 'flaskoa'
import { healthBlueprint, type HealthBlueprintOptions } from 'flaskoa/health'
import { openapi } from 'flaskoa/openapi'
import { testClient } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { patience } from '../support/pace'
import { portOf } from '../support/serve'
import { setupError } from '../support/setup-error'

class Empty {
  @Get('/') index() {
    return 'index'
  }
}

function application(options?: HealthBlueprintOptions, more: BootstrapOptions = {}, controller = Empty) {
  return bootstrap(controller, { logger: false, blueprints: [healthBlueprint(options)], ...more })
}

test('/livez and /readyz are 200 in an application that serves, and never kept', async () => {
  const client = testClient(application())
  const live = await client.get('/livez')
  expect([live.status, live.json(), live.header('cache-control')]).toEqual([200, { status: 'ok' }, 'no-store'])
  const ready = await client.get('/readyz')
  expect([ready.status, ready.json(), ready.header('cache-control')]).toEqual([
    200,
    { status: 'ok', checks: {} },
    'no-store',
  ])
  expect([(await client.head('/readyz')).status, (await client.options('/livez')).header('allow')]).toEqual([
    200,
    'GET, HEAD, OPTIONS',
  ])
})

test('a prefix and a name', async () => {
  const client = testClient(application({ prefix: '/internal', name: 'probes' }))
  expect((await client.get('/internal/livez')).json()).toEqual({ status: 'ok' })
  expect((await client.get('/livez')).status).toBe(404)
})

describe('checks', () => {
  test('all at once, each with its state and duration', async () => {
    const gate = new Gate()
    const checks = {
      database: () => gate.pass(),
      cache: () => {
        gate.open()
      },
    }
    const { status, text } = await testClient(application({ checks })).get('/readyz')
    expect(status).toBe(200)
    expect(JSON.parse(text)).toEqual({
      status: 'ok',
      checks: {
        database: { status: 'ok', durationMs: expect.any(Number) },
        cache: { status: 'ok', durationMs: expect.any(Number) },
      },
    })
  })

  const checks = {
    good: () => Promise.resolve(0),
    throws: () => {
      throw new Error('secret address')
    },
    rejects: () => Promise.reject(new Error('secret password')),
    denies: () => false,
  }

  test('one that fails makes it 503, and no client sees why', async () => {
    const { status, text, headers } = await testClient(application({ checks })).get('/readyz')
    expect([status, headers['cache-control']]).toEqual([503, 'no-store'])
    const { status: whole, checks: each } = JSON.parse(text) as { status: string; checks: Record<string, object> }
    expect(whole).toBe('failed')
    expect(Object.entries(each).map(([name, result]) => [name, Object.values(result)[0]])).toEqual([
      ['good', 'ok'],
      ['throws', 'failed'],
      ['rejects', 'failed'],
      ['denies', 'failed'],
    ])
    expect(text).not.toContain('secret')
  })

  test('debug shows why', async () => {
    const { text } = await testClient(application({ checks }, { debug: true }), { propagateExceptions: false }).get(
      '/readyz',
    )
    const { checks: each } = JSON.parse(text) as { checks: Record<string, { error?: string }> }
    expect(Object.values(each).map(({ error }) => error)).toEqual([
      undefined,
      'secret address',
      'secret password',
      'it returned false',
    ])
  })

  test('a failure is an error of the application once, until the check has passed again', async () => {
    let works = false
    const app = application({ checks: { database: () => works } })
    const errors: string[] = []
    app.on('error', (error: Error) => errors.push(error.message))
    const client = testClient(app)
    const statuses = []
    for (works of [false, false, true, false]) statuses.push((await client.get('/readyz')).status)
    expect(statuses).toEqual([503, 503, 200, 503])
    const message = 'The health check database failed: it returned false'
    expect(errors).toEqual([message, message])
  })

  test('one that takes too long has failed, and its signal is aborted', async () => {
    const signals: AbortSignal[] = []
    const app = application({
      timeout: 1,
      checks: {
        database: signal => {
          signals.push(signal)
          return new Promise(() => undefined)
        },
      },
    })
    const reported = once(app, 'error')
    expect((await testClient(app).get('/readyz')).status).toBe(503)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect((await reported) as unknown).toMatchObject([
      { message: 'The health check database failed: it took longer than 1 ms', cause: expect.any(Error) },
      expect.anything(),
    ])
    await testClient(app).get('/readyz')
    expect(signals).toHaveLength(2)
  })

  test('probes that come together share one call', async () => {
    const gate = new Gate()
    const app = application({
      checks: {
        database: () => {
          note('asked')
          return gate.pass()
        },
      },
    })
    const client = testClient(app)
    const both = [client.get('/readyz'), client.get('/readyz')]
    await gate.reached
    await settled()
    gate.open()
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200])
    expect(log).toEqual(['asked'])
  })
})

describe('a guarded application', () => {
  class Guarded {
    @UrlValuePreprocessor() values() {
      note('values')
    }
    @BeforeFirstRequest() first() {
      note('first')
    }
    @BeforeRequest() login() {
      abort(401)
    }
    @AfterRequest() after(response: KoaResponse) {
      note('after')
      response.set('X-App', 'yes')
      return response
    }
    @TeardownRequest() teardown() {
      note('teardown')
    }
    @TeardownAppContext() teardownContext() {
      note('teardown of the context')
    }
    @AfterResponse() log({ route, status }: Outcome) {
      note(`${route} ${status}`)
    }
    @ErrorHandler(503) unavailable() {
      return 'the page of the application'
    }
    @Get('/') index() {
      return ''
    }
  }

  @Blueprint('/admin')
  class Admin {
    @BeforeAppRequest() everywhere() {
      abort(403)
    }
    @AfterAppResponse() logAll({ status }: Outcome) {
      note(`of all ${status}`)
    }
  }

  const guarded = (options?: HealthBlueprintOptions) =>
    bootstrap(Guarded, { logger: false, blueprints: [Admin, healthBlueprint(options)] })

  test('its probes are answered, and nothing else', async () => {
    const client = testClient(guarded())
    expect((await client.get('/readyz')).status).toBe(200)
    expect((await client.get('/livez')).header('x-app')).toBeUndefined()
    await settled()
    expect(log).toEqual(['teardown of the context', 'teardown of the context'])
    expect(await Promise.all(['/', '/missing', '/readyz/'].map(async path => (await client.get(path)).status))).toEqual(
      [401, 401, 401],
    )
    expect((await client.post('/readyz')).status).toBe(401)
  })

  test('with log: true, @AfterResponse methods run for them', async () => {
    await testClient(guarded({ log: true })).get('/readyz')
    await settled()
    expect(log).toEqual(['teardown of the context', 'of all 200', '/readyz 200'])
  })

  test('also inside of a guarded blueprint', async () => {
    @Blueprint('/admin', { blueprints: [healthBlueprint()] })
    class Inside {
      @BeforeRequest() login() {
        abort(401)
      }
      @Get('/') index() {
        return ''
      }
    }
    const client = testClient(bootstrap(Empty, { logger: false, blueprints: [Inside] }))
    expect((await client.get('/admin/readyz')).status).toBe(200)
    expect((await client.get('/admin/')).status).toBe(401)
  })

  test('a probe sends the address of a container as its host: trustedHosts does not refuse it', async () => {
    const app = application({}, { trustedHosts: ['shop.example'] })
    const client = testClient(app, { baseUrl: 'http://10.1.2.3:5000' })
    const statuses = []
    for (const path of ['/readyz', '/livez', '/', '/missing']) statuses.push((await client.get(path)).status)
    expect(statuses).toEqual([200, 200, 400, 400])
    expect((await client.get('/readyz', { headers: { host: 'a b' } })).status).toBe(400)
  })

  test('the document of OpenAPI does not have them, urlFor does', async () => {
    const app = bootstrap(Empty, { baseUrl: 'http://a', blueprints: [healthBlueprint()] })
    expect(Object.keys(openapi(app, { info: { title: 'a', version: '1' } }).paths)).toEqual(['/'])
    class App {
      @Get('/') index() {
        return urlFor('health.readyz')
      }
    }
    const response = await testClient(bootstrap(App, { blueprints: [healthBlueprint()] })).get('/')
    expect(response.text).toBe('/readyz')
  })
})

describe('while the application starts', () => {
  const gates: Gate[] = []
  let fails = false
  class Starting {
    @OnStart() async connect() {
      await gates[0]?.pass()
      if (fails) throw new Error('secret')
    }
    @Get('/') index() {
      return 'index'
    }
  }
  beforeEach(() => {
    gates[0] = new Gate()
    fails = false
  })
  const get = (server: { address(): unknown }, path: string) => ask(`http://127.0.0.1:${portOf(server)}${path}`)

  test.each([
    ['a server of your own', () => application({}, {}, Starting)],
    ['lifecycle() in a Koa application', () => new Koa().use(lifecycle(Starting, { blueprints: [healthBlueprint()] }))],
    ['a mounted application', () => new Koa().use(mount(application({}, {}, Starting)))],
  ])('%s: /readyz begins the start and is 503 until it has ended, /livez is 200', async (_, make) => {
    const server = createServer(make().callback() as never).listen(0, '127.0.0.1')
    await once(server, 'listening')
    expect((await get(server, '/livez')).status).toBe(200)
    const { status, text } = await get(server, '/readyz')
    expect([status, JSON.parse(text)]).toEqual([503, { status: 'starting' }])
    await gates[0]?.reached
    gates[0]?.open()
    await settled()
    expect((await get(server, '/readyz')).status).toBe(200)
    server.close()
  })

  test('a start that has failed is an error of the application once', async () => {
    fails = true
    const app = application({}, {}, Starting)
    const errors: string[] = []
    app.on('error', ({ message }: Error) => errors.push(message))
    const server = createServer(app.callback() as never).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await get(server, '/readyz')
    gates[0]?.open()
    await settled()
    const { status, text } = await get(server, '/readyz')
    expect([status, JSON.parse(text)]).toEqual([503, { status: 'failed to start' }])
    await get(server, '/readyz')
    expect(errors).toEqual(['Starting.connect: @OnStart failed, so the application did not start: secret'])
    server.close()
  })
})

describe('from the moment a shutdown begins', () => {
  class App {
    @Get('/') index() {
      return 'index'
    }
  }

  test('/readyz is 503 and new connections are answered, until the delay is over; then the rest of the shutdown', async () => {
    const app = application({}, {}, App)
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${portOf(server)}`
    const shutdown = gracefulShutdown(server, { delay: patience(50) })
    shutdown.uninstall()
    expect((await ask(`${url}/readyz`)).status).toBe(200)
    const end = shutdown.close()
    // Each request has a connection of its own.
    const answers = [await ask(`${url}/readyz`), await ask(`${url}/livez`), await ask(`${url}/`)]
    expect(answers.map(({ status }) => status)).toEqual([503, 200, 200])
    expect(JSON.parse(answers[0]?.text ?? '')).toEqual({ status: 'shutting down' })
    expect([app.shutdownSignal.aborted, server.listening]).toEqual([false, true])
    await end
    expect([app.shutdownSignal.aborted, server.listening]).toEqual([true, false])
    const again = app.listen(0, '127.0.0.1')
    await once(again, 'listening')
    const second = gracefulShutdown(again)
    second.uninstall()
    expect((await ask(`http://127.0.0.1:${portOf(again)}/readyz`)).status).toBe(200)
    await second.close()
  })

  test('without a delay, on a connection that is open', async () => {
    const app = application({}, {}, App)
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const shutdown = gracefulShutdown(server)
    shutdown.uninstall()
    const socket = connect(portOf(server), '127.0.0.1').setEncoding('utf8')
    const request = 'GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n'
    socket.write(request)
    const [first] = (await once(socket, 'data')) as [string]
    const end = shutdown.close()
    expect(server.listening).toBe(false)
    socket.write(request)
    const [second] = (await once(socket, 'data')) as [string]
    expect([first, second].map(text => text.split('\r\n')[0])).toEqual([
      'HTTP/1.1 200 OK',
      'HTTP/1.1 503 Service Unavailable',
    ])
    await end
  })

  test('a server that has not bound has no delay', async () => {
    const app = application({}, {}, App)
    const server = createServer(app.callback() as never)
    const shutdown = gracefulShutdown(server, { app, delay: 2 ** 31 - 1 })
    shutdown.uninstall()
    await shutdown.close()
    expect(app.shutdownSignal.aborted).toBe(true)
  })
})

test.each<[string, unknown, string]>([
  ['an unknown option', { check: {} }, "has no option 'check'"],
  ['a check that is no function', { checks: { database: true } }, 'the check database must be a function, not true'],
  ['checks that are no object', { checks: [] }, 'the option checks must be an object'],
  ['a timeout of 0', { timeout: 0 }, 'the option timeout must be a whole number of milliseconds'],
])('%s is a SetupError', (_, options, message) => {
  expect(setupError(() => healthBlueprint(options as HealthBlueprintOptions))).toContain(message)
})

test.each([-1, 1.5, 2 ** 31, '5s'])('gracefulShutdown refuses the delay %p', delay => {
  const server = createServer()
  expect(setupError(() => gracefulShutdown(server, { delay: delay as number }))).toContain(
    'the option delay must be a whole number of milliseconds from 0 to 2147483647',
  )
  expect(() => gracefulShutdown(server, { delay: 0 })).toThrow('does not know its application')
})
