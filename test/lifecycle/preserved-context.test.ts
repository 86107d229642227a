import {
  BeforeRequest,
  ErrorHandler,
  Get,
  TeardownRequest,
  abort,
  bootstrap,
  g,
  request,
  type BootstrapOptions,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { log, note } from '../support/log'
import { serve } from '../support/serve'

/** docs/rules.md 7.7: in debug mode the teardown of a request that failed waits. */
class Handled extends Error {}
class App {
  @BeforeRequest()
  before() {
    g.username = String(request.query.user)
    note(`before ${g.username}`)
  }

  @Get('/')
  index() {
    return 'index'
  }

  @Get('/fail')
  fail(): string {
    throw new Error('failed')
  }

  @Get('/handled')
  handled(): string {
    throw new Handled()
  }

  @Get('/abort')
  abort(): string {
    abort(403)
  }

  @ErrorHandler(Handled)
  handle() {
    return 'handled'
  }

  @TeardownRequest()
  async teardown(error?: Error) {
    await Promise.resolve()
    note(`teardown ${g.username} ${error?.message}`)
  }
}

const kept = { preserveContextOnException: true, logger: false } as const
const quietly = { propagateExceptions: false }

describe.each<[string, BootstrapOptions]>([
  ['debug', { debug: true, logger: false }],
  ['preserveContextOnException', kept],
])('[7.7, 10.4] with %s', (_, options) => {
  const start = () => testClient(bootstrap(App, options), quietly)

  test('a failed request is torn down before the next request begins, in its own context and with its error', async () => {
    const client = start()
    expect((await client.get('/fail?user=1')).status).toBe(500)
    expect(log.splice(0)).toEqual(['before 1'])
    await client.get('/?user=2')
    expect(log).toEqual(['teardown 1 failed', 'before 2', 'teardown 2 undefined'])
  })

  test('only one teardown is deferred', async () => {
    const client = start()
    await client.get('/fail?user=1')
    await client.get('/fail?user=2')
    expect(log.splice(0)).toEqual(['before 1', 'teardown 1 failed', 'before 2'])
    await client.close()
    await client.close()
    expect(log).toEqual(['teardown 2 failed'])
  })

  test('of two requests that fail at the same time, the first is torn down when the second fails', async () => {
    const client = start()
    await Promise.all([client.get('/fail?user=1'), client.get('/fail?user=2')])
    expect(log).toEqual(['before 1', 'before 2', 'teardown 1 failed'])
    await client.close()
    expect(log.slice(3)).toEqual(['teardown 2 failed'])
  })

  test.each(['/', '/handled', '/abort', '/unknown'])(
    'the teardown of a request without an unhandled error is not deferred: %s',
    async path => {
      await start().get(`${path}?user=1`)
      expect(log).toEqual(['before 1', 'teardown 1 undefined'])
    },
  )

  test('a deferred teardown runs when the server closes', async () => {
    await serve(bootstrap(App, options), async url => {
      await fetch(`${url}/fail?user=1`)
      expect(log).toEqual(['before 1'])
    })
    await new Promise(setImmediate)
    expect(log).toEqual(['before 1', 'teardown 1 failed'])
  })
})

test('[7.7] the teardown is also deferred if a 500 handler answers the error', async () => {
  class With500 extends App {
    @ErrorHandler(500)
    server() {
      return 'sorry'
    }
  }
  const client = testClient(bootstrap(With500, kept), quietly)
  expect((await client.get('/fail?user=1')).text).toBe('sorry')
  expect(log.splice(0)).toEqual(['before 1'])
  await client.close()
  expect(log).toEqual(['teardown 1 failed'])
})

test('[7.7] preserveContextOnException: false tears down at once, as without debug', async () => {
  for (const options of [{ debug: true, preserveContextOnException: false }, {}, { testing: true }]) {
    log.length = 0
    await testClient(bootstrap(App, { logger: false, ...options }), quietly).get('/fail?user=1')
    expect(log).toEqual(['before 1', 'teardown 1 failed'])
  }
})

test('[7.7] a deferred teardown that throws does not affect the next request', async () => {
  class Failing extends App {
    @TeardownRequest()
    fails(error?: Error) {
      if (error) throw new Error('teardown failed')
    }
  }
  const app = bootstrap(Failing, kept)
  const errors: string[] = []
  app.on('error', (error: Error) => errors.push(error.message))
  const { get } = testClient(app, quietly)
  await get('/fail?user=1')
  expect((await get('/?user=2')).text).toBe('index')
  expect(errors).toEqual(['failed', 'teardown failed'])
  expect(log).toEqual(['before 1', 'teardown 1 failed', 'before 2', 'teardown 2 undefined'])
})
