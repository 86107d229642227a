import { Delete, Get, Patch, Post, Put, Route, bootstrap, makeResponse, type Context, type RouteOptions } from 'flaskoa'
import type { TestClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { setupError } from '../support/setup-error'

/** Flask's tests of a rule's methods: those it names, HEAD and OPTIONS beside them, and the answer to all others. */
const testing = { testing: true }

const allow = async (client: TestClient) => (await client.options('/')).header('Allow')

test('[4.2] OPTIONS is answered with the methods (test_basic.py::test_options_work)', async () => {
  class App {
    @Route('/', { methods: ['GET', 'POST'] })
    index() {
      return 'Hello World'
    }
  }
  const response = await clientOf(App, testing).options('/')
  expect([response.header('Allow'), response.text]).toEqual(['GET, HEAD, OPTIONS, POST', ''])
})

test('[4.2] with those of all its rules (test_basic.py::test_options_on_multiple_rules)', async () => {
  class App {
    @Route('/', { methods: ['GET', 'POST'] })
    index() {
      return 'Hello World'
    }

    @Route('/', { methods: ['PUT'] })
    put() {
      return 'Aha!'
    }
  }
  expect(await allow(clientOf(App, testing))).toBe('GET, HEAD, OPTIONS, POST, PUT')
})

test.each([
  ['get', Get],
  ['post', Post],
  ['put', Put],
  ['delete', Delete],
  ['patch', Patch],
] as const)('[4.1] %s has a decorator (test_basic.py::test_method_route)', async (method, Verb) => {
  class App {
    @Verb('/')
    hello() {
      return 'Hello'
    }
  }
  expect((await clientOf(App, testing)[method]('/')).text).toBe('Hello')
})

test('[4.1] which takes no other methods (test_basic.py::test_method_route_no_methods)', () => {
  const options: RouteOptions = { methods: ['GET', 'POST'] }
  class App {
    @Get('/', options)
    index() {
      return ''
    }
  }
  expect(setupError(() => bootstrap(App))).toBe(
    'FLASKOA_BAD_METHODS App.index: @Get is for GET only. Leave out methods, or use @Route.',
  )
})

test('[4.1] methods are a list, not a text (test_basic.py::test_disallow_string_for_allowed_methods)', () => {
  class App {
    @Route('/', { methods: 'GET POST' as never })
    index() {
      return ''
    }
  }
  expect(setupError(() => bootstrap(App))).toMatch(/^FLASKOA_BAD_METHODS App\.index: methods is "GET POST"/)
})

/** Two rules, and what they answer to methods that they name and to those they don't. */
async function expectDispatch(client: TestClient, automatic: string): Promise<void> {
  expect((await client.get('/')).text).toBe('GET')
  const post = await client.post('/')
  expect([post.status, post.header('Allow')]).toEqual([405, `GET, HEAD${automatic}`])
  const head = await client.head('/')
  expect([head.status, head.text]).toEqual([200, ''])
  expect((await client.post('/more')).text).toBe('POST')
  expect((await client.get('/more')).text).toBe('GET')
  const remove = await client.delete('/more')
  expect([remove.status, remove.header('Allow')]).toEqual([405, `GET, HEAD${automatic}, POST`])
}

test('[4.3, 4.4] HEAD comes with GET, other methods are a 405 (test_basic.py::test_request_dispatching)', async () => {
  class App {
    @Route('/')
    index(ctx: Context) {
      return ctx.method
    }

    @Route('/more', { methods: ['GET', 'POST'] })
    more(ctx: Context) {
      return ctx.method
    }
  }
  await expectDispatch(clientOf(App, testing), ', OPTIONS')
})

test('[4.1] a view may answer OPTIONS, in small letters too (test_basic.py::test_url_mapping)', async () => {
  class App {
    @Route('/', { endpoint: 'index' })
    index(ctx: Context) {
      return ctx.method
    }

    @Route('/more', { endpoint: 'more', methods: ['GET', 'POST'] })
    more(ctx: Context) {
      return ctx.method
    }

    @Route('/options', { endpoint: 'options', methods: ['options'] })
    options() {
      return 'an answer of its own'
    }
  }
  const client = clientOf(App, testing)
  await expectDispatch(client, ', OPTIONS')
  const response = await client.options('/options')
  expect([response.status, response.text]).toEqual([200, 'an answer of its own'])
})

describe('[4.1] provideAutomaticOptions', () => {
  test('false: OPTIONS is a 405, for each rule (test_basic.py::test_provide_automatic_options_kwarg)', async () => {
    class App {
      @Route('/', { provideAutomaticOptions: false })
      index(ctx: Context) {
        return ctx.method
      }

      @Route('/more', { methods: ['GET', 'POST'], provideAutomaticOptions: false })
      more(ctx: Context) {
        return ctx.method
      }
    }
    const client = clientOf(App, testing)
    await expectDispatch(client, '')
    expect((await client.options('/')).status).toBe(405)
    expect((await client.options('/more')).status).toBe(405)
  })

  class Disabled {
    @Route('/', { provideAutomaticOptions: false })
    index() {
      return 'Hello World!'
    }
  }

  test('true: over a view that names OPTIONS itself (test_basic.py::test_provide_automatic_options_attr)', async () => {
    class Enabled {
      @Route('/', { methods: ['OPTIONS'], provideAutomaticOptions: true })
      index() {
        return 'Hello World!'
      }
    }
    expect((await clientOf(Disabled, testing).options('/')).status).toBe(405)
    const response = await clientOf(Enabled, testing).options('/')
    expect([response.header('Allow'), response.text]).toEqual(['OPTIONS', ''])
  })

  test('false, with @Route (test_basic.py::test_provide_automatic_options_attr_disable)', async () => {
    expect((await clientOf(Disabled, testing).options('/')).status).toBe(405)
  })

  test('false, with @Get (test_basic.py::test_provide_automatic_options_arg_disable)', async () => {
    class App {
      @Get('/', { provideAutomaticOptions: false })
      index() {
        return 'Hello World!'
      }
    }
    expect((await clientOf(App, testing).options('/')).status).toBe(405)
  })

  test('true, as by default (test_basic.py::test_provide_automatic_options_attr_enable)', async () => {
    class App {
      @Get('/', { provideAutomaticOptions: true })
      index() {
        return 'Hello World!'
      }
    }
    expect(await allow(clientOf(App, testing))).toBe('GET, HEAD, OPTIONS')
  })

  test('none where a view answers OPTIONS (test_basic.py::test_provide_automatic_options_method_disable)', async () => {
    class App {
      @Route('/', { methods: ['OPTIONS'] })
      index() {
        return makeResponse('', 200, { 'X-Test': 'test' })
      }
    }
    expect((await clientOf(App, testing).options('/')).header('X-Test')).toBe('test')
  })
})
