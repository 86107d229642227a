import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import {
  Get,
  TeardownRequest,
  bootstrap,
  currentApp,
  currentContext,
  hasRequestContext,
  request,
  session,
} from 'flaskoa'
import { testClient, testRequestContext } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

/** Flask's tests of the request context: opened by hand, used, and torn down. */

const outside = (name: string) => new RegExp(`${name} was used outside of a request`)

describe('[7.3] the teardown of a request context that a test opens', () => {
  class App {
    @TeardownRequest
    end(error?: Error) {
      note(`ended with ${error}`)
    }
  }

  const stumble = () => {
    try {
      throw new Error('caught')
    } catch {
      note('stumbled')
    }
  }

  test('runs at its end (test_reqctx.py::test_teardown_on_pop)', async () => {
    await testRequestContext(bootstrap(App), '/', () => {
      expect(log).toEqual([])
    })
    expect(log).toEqual(['ended with undefined'])
  })

  test('knows no earlier error (test_reqctx.py::test_teardown_with_previous_exception)', async () => {
    stumble()
    await testRequestContext(bootstrap(App), '/', () => {
      expect(log).toEqual(['stumbled'])
    })
    expect(log).toEqual(['stumbled', 'ended with undefined'])
  })

  test('nor one that was caught in it (test_reqctx.py::test_teardown_with_handled_exception)', async () => {
    await testRequestContext(bootstrap(App), '/', () => {
      expect(log).toEqual([])
      stumble()
    })
    expect(log).toEqual(['stumbled', 'ended with undefined'])
  })
})

describe('[14.3] a method that is called in a context sees its request', () => {
  class App {
    @Get('/')
    index() {
      return `Hello ${String(request.query.name)}`
    }

    @Get('/where')
    where() {
      return request.href
    }
  }
  const controller = new App()
  const app = bootstrap(App, { resolve: () => controller })

  test('whatever its URL is (test_reqctx.py::test_context_binding)', async () => {
    expect(await testRequestContext(app, '/?name=Ada', () => controller.index())).toBe('Hello Ada')
    expect(await testRequestContext(app, '/where', () => controller.where())).toBe('http://localhost/where')
    expect(() => request.href).toThrow(outside('request'))
  })

  test('and outside of it gets an error (test_reqctx.py::test_manual_context_binding)', async () => {
    await testRequestContext(app, '/?name=Ada', () => {
      expect(controller.index()).toBe('Hello Ada')
    })
    expect(() => controller.index()).toThrow(outside('request'))
  })

  test('there is a context in it and none around it (test_reqctx.py::test_context_test)', async () => {
    expect(hasRequestContext()).toBe(false)
    expect(currentContext).toThrow(outside('currentContext\\(\\)'))
    await testRequestContext(app, '/', ctx => {
      expect(hasRequestContext()).toBe(true)
      expect(currentContext()).toBe(ctx)
      expect(request.ctx).toBe(ctx)
    })
    expect(hasRequestContext()).toBe(false)
    expect(currentContext).toThrow(outside('currentContext\\(\\)'))
  })
})

describe('[14.3] work of a view that goes on after the response', () => {
  /** What it sees of the request that started it. */
  const look = () => [currentApp(), request.path, request.query.foo, session.name]

  /** The work that a view has left, and what it ought to see. */
  async function workOf(leave: () => () => unknown) {
    let work: (() => unknown) | undefined
    class App {
      @Get('/')
      index() {
        session.name = 'Ada'
        work = leave()
        return 'index'
      }
    }
    const app = bootstrap(App, { secretKey: 'secret', testing: true })
    expect((await testClient(app).get('/?foo=bar')).text).toBe('index')
    return { work: work as () => unknown, seen: [app, '/', 'bar', 'Ada'] }
  }

  test('and enters its context for a while (test_reqctx.py::test_greenlet_context_copying)', async () => {
    const { work, seen } = await workOf(() => {
      const enter = AsyncLocalStorage.snapshot()
      return () => {
        expect(look).toThrow(outside('currentApp\\(\\)'))
        const found: unknown = enter(look)
        expect(look).toThrow(outside('currentApp\\(\\)'))
        return found
      }
    })
    expect(work()).toEqual(seen)
  })

  test('and is bound to its context (test_reqctx.py::test_greenlet_context_copying_api)', async () => {
    const bound = await workOf(() => AsyncResource.bind(look))
    expect(bound.work()).toEqual(bound.seen)
    expect(look).toThrow(outside('currentApp\\(\\)'))
  })

  test('and was only started in it (test_reqctx.py::test_greenlet_context_copying_api)', async () => {
    let respond = () => {}
    const responded = new Promise<void>(resolve => (respond = resolve))
    const { work, seen } = await workOf(() => {
      const later = (async () => {
        await responded
        return look()
      })()
      return () => later
    })
    respond()
    expect(await work()).toEqual(seen)
  })
})

test('[6.10] a session that does not open is a 500 (test_reqctx.py::test_session_error_pops_context)', async () => {
  class App {
    @Get('/')
    index() {
      return note('view', 'never')
    }
  }
  const store = { get: () => Promise.reject(new Error('no connection')), set() {}, destroy() {} }
  const externalKey = { get: () => 'some key', set() {} }
  expect((await clientOf(App, { session: { store, externalKey } }).get('/')).status).toBe(500)
  expect(log).toEqual([])
  expect(currentContext).toThrow(outside('currentContext\\(\\)'))
  expect(currentApp).toThrow(outside('currentApp\\(\\)'))
})
