import { once } from 'node:events'
import { Get, TeardownRequest, bootstrap, currentContext, g, streamWithContext } from 'flaskoa'
import { testClient, testRequestContext } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

/** Flask's tests of contexts that outlive their request. */

class App {
  @Get('/')
  index() {
    g.count = 42
    return 'index'
  }

  @Get('/stream')
  stream() {
    return streamWithContext(function* () {
      yield `streamed for ${currentContext().path}`
      note('streamed')
    })
  }

  @Get('/fail')
  fail(): string {
    throw new RangeError('too much')
  }

  @TeardownRequest
  teardown(error?: Error) {
    note(`teardown ${g.count} ${error?.message}`)
  }
}

const teardown = (count: number | undefined, message?: string) => `teardown ${count} ${message}`

describe('[7.7] debug mode keeps a failed request', () => {
  test('one at a time (test_basic.py::test_preserve_only_once)', async () => {
    const client = clientOf(App, { debug: true })
    for (const before of [0, 1, 2]) {
      await expect(client.get('/fail')).rejects.toThrow('too much')
      expect(log).toHaveLength(before)
    }
    await client.close()
    expect(log).toEqual(Array<string>(3).fill(teardown(undefined, 'too much')))
    await client.close()
    expect(log).toHaveLength(3)
  })

  test('and its error (test_basic.py::test_preserve_remembers_exception)', async () => {
    const client = clientOf(App, { debug: true })
    await expect(client.get('/fail')).rejects.toThrow('too much')
    expect(log).toEqual([])
    await client.get('/')
    expect(log).toEqual([teardown(undefined, 'too much'), teardown(42)])
    await client.get('/')
    expect(log).toEqual([teardown(undefined, 'too much'), teardown(42), teardown(42)])
  })
})

describe('[16.1] a test client keeps no context', () => {
  test('each request is torn down at its end (test_testing.py::test_test_client_calls_teardown_handlers)', async () => {
    const client = clientOf(App, { testing: true })
    expect(log).toEqual([])
    await client.get('/')
    expect(log.splice(0)).toEqual([teardown(42)])
    await client.get('/')
    await client.get('/')
    expect(log).toEqual([teardown(42), teardown(42)])
  })

  test("a test reads a request's g in a signal (test_testing.py::test_test_client_context_binding)", async () => {
    const app = bootstrap(App, { logger: false })
    const seen: unknown[] = []
    app.on('requestTearingDown', () => seen.push({ ...g }))
    const client = testClient(app)
    const good = await client.get('/')
    expect([good.status, good.text]).toEqual([200, 'index'])
    const bad = await client.get('/fail')
    expect(bad.status).toBe(500)
    expect(bad.text).toContain('Internal Server Error')
    expect(seen).toEqual([{ count: 42 }, {}])
    expect(() => g.count).toThrow(/outside of a request/)
  })

  test('nor a stream one that was read (test_testing.py::test_client_pop_all_preserved)', async () => {
    const app = bootstrap(App, { testing: true })
    await testRequestContext(app, '/', async outer => {
      const gone = once(app, 'appContextPopped')
      expect((await testClient(app).get('/stream')).text).toBe('streamed for /stream')
      await gone
      expect(log).toEqual(['streamed', teardown(undefined)])
      expect(currentContext()).toBe(outer)
    })
    expect(log).toEqual(['streamed', teardown(undefined), teardown(undefined)])
    expect(currentContext).toThrow(/outside of a request/)
  })
})
