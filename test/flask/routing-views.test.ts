import { Delete, Get, Post, Route, bootstrap, makeResponse, type Context } from 'flaskoa'
import type { TestClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { setupError } from '../support/setup-error'

/** Flask's tests of class-based views: here every view is a method of a class. */
const testing = { testing: true }

async function expectGetAndPost(client: TestClient): Promise<void> {
  expect((await client.get('/')).text).toBe('GET')
  expect((await client.post('/')).text).toBe('POST')
  expect((await client.put('/')).status).toBe(405)
  expect((await client.options('/')).header('Allow')).toBe('GET, HEAD, OPTIONS, POST')
}

class OneMethod {
  @Route('/', { methods: ['GET', 'POST'] })
  index(ctx: Context) {
    return ctx.method
  }
}

class TwoMethods {
  @Get('/')
  get() {
    return 'GET'
  }

  @Post('/')
  post() {
    return 'POST'
  }
}

test('one method for several HTTP methods (test_views.py::test_basic_view)', async () => {
  await expectGetAndPost(clientOf(OneMethod, testing))
})

test('a method for each HTTP method (test_views.py::test_method_based_view)', async () => {
  await expectGetAndPost(clientOf(TwoMethods, testing))
})

test('[11.3] an endpoint belongs to one method (test_views.py::test_endpoint_override)', async () => {
  class App extends OneMethod {
    @Route('/again', { endpoint: 'index' })
    again() {
      return ''
    }
  }
  expect(setupError(() => bootstrap(App))).toMatch(
    /^FLASKOA_DUPLICATE_ENDPOINT App\.again: the endpoint 'index' is already in use by/,
  )
  await expectGetAndPost(clientOf(OneMethod, { debug: true }))
})

test('[4.3] HEAD runs the view for GET (test_views.py::test_implicit_head)', async () => {
  class App {
    @Get('/')
    get(ctx: Context) {
      return makeResponse('Blub', 200, { 'X-Method': ctx.method })
    }
  }
  const client = clientOf(App, testing)
  const get = await client.get('/')
  expect([get.text, get.header('X-Method')]).toEqual(['Blub', 'GET'])
  const head = await client.head('/')
  expect([head.text, head.header('X-Method')]).toEqual(['', 'HEAD'])
})

test('[4.6] or a view of its own that stands first (test_views.py::test_explicit_head)', async () => {
  class App {
    @Route('/', { methods: ['HEAD'] })
    head() {
      return makeResponse('', 200, { 'X-Method': 'HEAD' })
    }

    @Get('/')
    get() {
      return 'GET'
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/')).text).toBe('GET')
  const head = await client.head('/')
  expect([head.text, head.header('X-Method')]).toEqual(['', 'HEAD'])
})

test('[4.1] OPTIONS: off, automatic, by default (test_views.py::test_view_provide_automatic_options_attr)', async () => {
  class Off {
    @Route('/', { provideAutomaticOptions: false })
    index() {
      return 'Hello World!'
    }
  }
  class On {
    @Route('/', { methods: ['OPTIONS'], provideAutomaticOptions: true })
    index() {
      return 'Hello World!'
    }
  }
  class ByDefault {
    @Route('/')
    index() {
      return 'Hello World!'
    }
  }
  expect((await clientOf(Off, testing).options('/')).status).toBe(405)
  expect((await clientOf(On, testing).options('/')).header('Allow')).toBe('OPTIONS')
  expect((await clientOf(ByDefault, testing).options('/')).header('Allow')).toContain('OPTIONS')
})

interface MethodDecorator {
  (target: object, name: string | symbol, descriptor: PropertyDescriptor): void
  <M>(method: M, context: ClassMethodDecoratorContext): M
}

type Method = (...args: unknown[]) => string

test('a method may be wrapped by other decorators (test_views.py::test_view_decorators)', async () => {
  const around = (method: Method) =>
    function (this: unknown, ...args: unknown[]) {
      return makeResponse(method.apply(this, args), 200, { 'X-Parachute': 'awesome' })
    }
  const parachute = ((target: Method, _: unknown, descriptor?: PropertyDescriptor) => {
    if (descriptor === undefined) return around(target)
    descriptor.value = around(descriptor.value as Method)
  }) as MethodDecorator
  class App {
    @Get('/')
    @parachute
    index() {
      return 'Awesome'
    }
  }
  const response = await clientOf(App, testing).get('/')
  expect([response.header('X-Parachute'), response.text]).toEqual(['awesome', 'Awesome'])
})

test('a subclass adds methods (test_views.py::test_view_inheritance)', async () => {
  class Better extends TwoMethods {
    @Delete('/')
    delete() {
      return 'DELETE'
    }
  }
  expect((await clientOf(Better, testing).options('/')).header('Allow')).toBe('DELETE, GET, HEAD, OPTIONS, POST')
})

test('and keeps the HTTP methods of those it overrides (test_views.py::test_methods_var_inheritance)', async () => {
  class Base {
    @Get('/')
    get() {
      return 'GET of the base'
    }

    @Route('/', { methods: ['PROPFIND'] })
    propfind() {
      return 'PROPFIND of the base'
    }
  }
  class Child extends Base {
    override get() {
      return 'GET'
    }

    override propfind() {
      return 'PROPFIND'
    }
  }
  const client = clientOf(Child, testing)
  expect((await client.get('/')).text).toBe('GET')
  expect((await client.request('PROPFIND', '/')).text).toBe('PROPFIND')
  expect((await client.options('/')).header('Allow')).toBe('GET, HEAD, OPTIONS, PROPFIND')
})

type Constructor = new (...args: any[]) => object

function Getting<B extends Constructor>(base: B) {
  class Getting extends base {
    @Get('/')
    get() {
      return 'GET'
    }
  }
  return Getting
}

function Deleting<B extends Constructor>(base: B) {
  class Deleting extends base {
    @Delete('/')
    delete() {
      return 'DELETE'
    }
  }
  return Deleting
}

test('mixins do for several base classes (test_views.py::test_multiple_inheritance)', async () => {
  class App extends Getting(Deleting(Object)) {}
  const client = clientOf(App, testing)
  expect((await client.get('/')).text).toBe('GET')
  expect((await client.delete('/')).text).toBe('DELETE')
  expect((await client.options('/')).header('Allow')).toBe('DELETE, GET, HEAD, OPTIONS')
})

test('decorated again, a method has fewer HTTP methods (test_views.py::test_remove_method_from_parent)', async () => {
  class App extends OneMethod {
    @Get('/')
    override index(ctx: Context) {
      return super.index(ctx)
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/')).text).toBe('GET')
  expect((await client.post('/')).status).toBe(405)
  expect((await client.options('/')).header('Allow')).toBe('GET, HEAD, OPTIONS')
})

test('a class is constructed once (test_views.py::test_init_once)', async () => {
  let constructed = 0
  class App {
    constructor() {
      constructed++
    }

    @Get('/')
    index() {
      return String(constructed)
    }
  }
  const client = clientOf(App, testing)
  expect((await client.get('/')).text).toBe('1')
  expect((await client.get('/')).text).toBe('1')
})
