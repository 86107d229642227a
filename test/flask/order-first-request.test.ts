import type Koa from 'koa'
import { BeforeFirstRequest, Get, Route, bootstrap } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

/** Flask's tests of what happens once, and of what can no longer happen after it. */
const testing = { testing: true }

test('[3.1, 3.5] runs once, at the first request (test_basic.py::test_before_first_request_functions)', async () => {
  class App {
    @BeforeFirstRequest
    prepare() {
      note('prepared')
    }
  }
  const client = clientOf(App, testing)
  expect(log).toEqual([])
  await client.get('/')
  expect(log).toEqual(['prepared'])
  await client.get('/')
  expect(log).toEqual(['prepared'])
})

test('[3.4] requests wait for it together (test_basic.py::test_before_first_request_functions_concurrent)', async () => {
  let finish = () => {}
  const slow = new Promise<void>(resolve => (finish = resolve))
  class App {
    @BeforeFirstRequest
    async prepare() {
      note('preparing')
      await slow
      note('prepared')
    }

    @Get('/')
    index() {
      return note('view', 'index')
    }
  }
  let arrived = 0
  const finishWhenBothWait: Koa.Middleware = (_, next) => {
    const done = next()
    if (++arrived === 2) finish()
    return done
  }
  const client = clientOf(App, { ...testing, middleware: [finishWhenBothWait] })
  const both = await Promise.all([client.get('/'), client.get('/')])
  expect(both.map(({ text }) => text)).toEqual(['index', 'index'])
  expect(log).toEqual(['preparing', 'prepared', 'view', 'view'])
})

describe('a rule that comes too late', () => {
  /** Decorates a method that is added to the class, as the legacy dialect does it. */
  function addLate(App: typeof Early) {
    const descriptor: TypedPropertyDescriptor<() => string> = { value: () => 'late', configurable: true }
    Object.defineProperty(App.prototype, 'late', descriptor)
    Route('/late')(App.prototype, 'late', descriptor)
  }

  class Early {
    @Get('/')
    index() {
      return 'early'
    }
  }

  test.each([
    ['in debug mode (test_basic.py::test_no_setup_after_first_request)', { debug: true, testing: true }],
    ['outside of it too (test_basic.py::test_debug_mode_complains_after_first_request)', testing],
  ])('is for a later bootstrap, not for the running application, %s', async (_, options) => {
    class App extends Early {}
    const running = testClient(bootstrap(App, options))
    expect((await running.get('/')).text).toBe('early')
    addLate(App)
    expect((await running.get('/late')).status).toBe(404)
    const next = testClient(bootstrap(App, options))
    expect([(await next.get('/')).text, (await next.get('/late')).text]).toEqual(['early', 'late'])
  })
})
