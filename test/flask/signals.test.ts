import { AfterRequest, BeforeRequest, Get, Post, bootstrap, type Context, type Response } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { jsonOf } from '../support/body'
import { log, note } from '../support/log'

/** Flask's tests of signals: here events of the Koa application. */
class Failing {
  @Get('/')
  index(): string {
    throw new RangeError('1 // 0')
  }
}

test('[15.1] around the methods of a request (test_signals.py::test_request_signals)', async () => {
  class App {
    @BeforeRequest
    before() {
      note('before-handler')
    }

    @Get('/')
    index() {
      return note('handler', 'ignored anyway')
    }

    @AfterRequest
    after(response: Response) {
      response.body = 'stuff'
      return note('after-handler', response)
    }
  }
  const app = bootstrap(App)
    .on('requestStarted', () => note('before-signal'))
    .on('requestFinished', (response: Response) => note(`after-signal with ${String(response.body)}`))
  expect((await testClient(app).get('/')).text).toBe('stuff')
  expect(log).toEqual(['before-signal', 'before-handler', 'handler', 'after-handler', 'after-signal with stuff'])
})

test('[15.1] an unhandled error (test_signals.py::test_request_exception_signal)', async () => {
  const recorded: Error[] = []
  const app = bootstrap(Failing, { logger: false }).on('gotRequestException', (error: Error) => recorded.push(error))
  expect((await testClient(app).get('/')).status).toBe(500)
  expect(recorded).toEqual([new RangeError('1 // 0')])
})

test('[15.1] the context comes and goes (test_signals.py::test_appcontext_signals)', async () => {
  class App {
    @Get('/')
    index() {
      return 'Hello'
    }
  }
  const app = bootstrap(App)
    .on('appContextPushed', () => note('push'))
    .on('appContextPopped', () => note('pop'))
  expect((await testClient(app).get('/')).text).toBe('Hello')
  expect(log).toEqual(['push', 'pop'])
})

test('[15.1] its teardown has the error (test_signals.py::test_appcontext_tearing_down_signal)', async () => {
  const recorded: unknown[] = []
  const app = bootstrap(Failing, { logger: false }).on('appContextTearingDown', error => recorded.push(error))
  expect((await testClient(app).get('/')).status).toBe(500)
  expect(recorded).toEqual([new RangeError('1 // 0')])
})

test('[15.1] it goes once, whatever the client sends (test_testing.py::test_client_json_no_app_context)', async () => {
  class App {
    @Post('/hello')
    async hello(ctx: Context) {
      const { name } = await jsonOf<{ name: string }>(ctx)
      return `Hello, ${name}!`
    }
  }
  const app = bootstrap(App).on('appContextPopped', () => note('pop'))
  expect((await testClient(app).post('/hello', { json: { name: 'Flask' } })).text).toBe('Hello, Flask!')
  expect(log).toEqual(['pop'])
})
