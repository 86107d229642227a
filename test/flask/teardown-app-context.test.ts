import { AsyncResource } from 'node:async_hooks'
import { ErrorHandler, Get, TeardownAppContext, TeardownRequest, bootstrap, currentApp, withAppContext } from 'flaskoa'
import { testClient, testRequestContext } from 'flaskoa/testing'
import { log, note } from '../support/log'

/** Flask's tests of the application context and of what is torn down with it. */

const errors: unknown[] = []
beforeEach(() => {
  errors.length = 0
})

/** Remembers each error that its teardown gets. */
class App {
  @TeardownAppContext
  cleanUp(error?: Error) {
    errors.push(error)
  }
}

/** Throws an error and catches it. */
function stumble() {
  try {
    throw new Error('caught')
  } catch {
    note('stumbled')
  }
}

describe('[7.3] teardown of an application context', () => {
  test('runs at its end (test_appctx.py::test_app_tearing_down)', async () => {
    await withAppContext(bootstrap(App), () => {
      expect(errors).toEqual([])
    })
    expect(errors).toEqual([undefined])
  })

  test('knows no earlier error (test_appctx.py::test_app_tearing_down_with_previous_exception)', async () => {
    stumble()
    await withAppContext(bootstrap(App), () => {})
    expect([errors, log]).toEqual([[undefined], ['stumbled']])
  })

  test('nor one that was caught in it (test_appctx.py::test_app_tearing_down_with_handled_exception_by_except_block)', async () => {
    await withAppContext(bootstrap(App), stumble)
    expect([errors, log]).toEqual([[undefined], ['stumbled']])
  })

  // As on Flask's main branch, the request has a context of its own, and the block around it another [14.2].
  test('nor one that a handler answered (test_appctx.py::test_app_tearing_down_with_handled_exception_by_app_handler)', async () => {
    class Handling extends App {
      @Get('/')
      index(): string {
        throw new Error('handled')
      }

      @ErrorHandler(Error)
      handle(error: Error) {
        return [error.message]
      }
    }
    const app = bootstrap(Handling, { propagateExceptions: true })
    const response = await withAppContext(app, () => testClient(app).get('/'))
    expect(response.json()).toEqual(['handled'])
    expect(errors).toEqual([undefined, undefined])
  })

  test('but an unhandled one (test_appctx.py::test_app_tearing_down_with_unhandled_exception)', async () => {
    const error = new Error('unhandled')
    class Failing extends App {
      @Get('/')
      index(): string {
        throw error
      }
    }
    const app = bootstrap(Failing, { propagateExceptions: true, logger: false })
    await expect(withAppContext(app, () => testClient(app).get('/'))).rejects.toBe(error)
    expect(errors).toHaveLength(2)
    for (const each of errors) expect(each).toBe(error)
  })
})

describe('currentApp()', () => {
  const noApp = () => expect(currentApp).toThrow(/outside of a request/)

  test('[14.2] in a request context (test_appctx.py::test_request_context_means_app_context)', async () => {
    const app = bootstrap(App)
    const signals = ['appContextPushed', 'requestTearingDown', 'appContextTearingDown', 'appContextPopped']
    for (const signal of signals) app.on(signal, () => note(signal))
    await testRequestContext(app, '/', () => {
      expect(currentApp()).toBe(app)
      note('in the context')
    })
    noApp()
    expect(log).toEqual(['appContextPushed', 'in the context', ...signals.slice(1)])
  })

  test('[14.2] in an application context (test_appctx.py::test_app_context_provides_current_app)', async () => {
    const app = bootstrap(App)
    await withAppContext(app, () => {
      expect(currentApp()).toBe(app)
    })
    noApp()
  })
})

test('[7.6] a failing teardown stops no other (test_appctx.py::test_clean_pop)', async () => {
  const failure = new RangeError('from the teardown')
  class Failing {
    @TeardownRequest
    fail() {
      throw failure
    }

    @TeardownAppContext
    cleanUp(error?: Error) {
      note(`cleaned up ${error}`)
    }
  }
  const app = bootstrap(Failing, { logger: false })
  app.on('error', error => errors.push(error))
  await testRequestContext(app, '/', () => {
    expect(currentApp()).toBe(app)
  })
  expect([log, errors]).toEqual([['cleaned up undefined'], [failure]])
  expect(currentApp).toThrow(/outside of a request/)
})

describe('[7.6, 15.1] when each kind of teardown fails', () => {
  /** Notes that it ran, and fails. */
  const fail = (name: string) => {
    note(name)
    throw new Error(name)
  }
  class Failing {
    @TeardownRequest
    request() {
      fail('teardown request')
    }

    @TeardownAppContext
    app() {
      fail('teardown app')
    }

    @Get('/')
    index() {
      return 'index'
    }
  }
  const all = ['teardown request', 'signal request', 'teardown app', 'signal app']

  function failing(testing: boolean) {
    const app = bootstrap(Failing, { testing, logger: false })
    app.on('requestTearingDown', () => fail('signal request'))
    app.on('appContextTearingDown', () => fail('signal app'))
    app.on('error', (error: Error) => errors.push(error.message))
    return testClient(app)
  }

  test('all run, each error is reported, and the response is sent (test_appctx.py::test_robust_teardown)', async () => {
    expect((await failing(false).get('/')).text).toBe('index')
    expect([log, errors]).toEqual([all, all])
  })

  test('all run, and a test gets the first error (test_appctx.py::test_robust_teardown)', async () => {
    await expect(failing(true).get('/')).rejects.toThrow('teardown request')
    expect([log, errors]).toEqual([all, all])
  })
})

test('[7.9] a context that is entered again is torn down once (test_appctx.py::test_context_refcounts)', async () => {
  class Entering {
    @TeardownRequest
    request() {
      note('request')
    }

    @TeardownAppContext
    app() {
      note('app')
    }

    @Get('/')
    async index() {
      const app = currentApp()
      const again = AsyncResource.bind(() => note('again', currentApp() === app))
      expect(again()).toBe(true)
      await new Promise<void>(resolve => setImmediate(() => resolve(void again())))
      return ''
    }
  }
  const response = await testClient(bootstrap(Entering, { testing: true })).get('/')
  expect([response.status, response.text]).toEqual([200, ''])
  expect(log).toEqual(['again', 'again', 'request', 'app'])
})

test('[7.6] errors of teardown methods outside of requests are reported once each, and the other methods still run', async () => {
  const failure = new Error('the teardown')
  class Failing extends App {
    @TeardownAppContext one() {
      throw failure
    }
    @TeardownAppContext other() {
      throw failure
    }
  }
  const app = bootstrap(Failing, { logger: false }).on('error', (error: Error, ctx?: object) => {
    note(`${error.message}, ${ctx === undefined ? 'without' : 'with'} a request`)
  })
  expect(await withAppContext(app, () => 'done')).toBe('done')
  expect([log, errors]).toEqual([['the teardown, without a request'], [undefined]])
})
