import {
  AfterRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  Post,
  bootstrap,
  decorate,
  type Class,
  type Context,
  type Response,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { log, note } from '../support/log'
import { setupError } from '../support/setup-error'

// Decorators without a compiler: what `decorate` does is what a compiler does with `@`.

class App {
  first() {
    note('first')
  }
  second() {
    note('second')
  }
  index(ctx: Context) {
    return `${ctx.method} ${ctx.path}`
  }
  fails(): string {
    throw new RangeError('from the view')
  }
  failed(error: RangeError) {
    return `failed ${error.message}`
  }
  after(response: Response) {
    return note('after', response)
  }
}

test('methods get bare and called decorators, in the order of the names', async () => {
  const decorated = decorate(App, {
    second: BeforeRequest,
    first: BeforeRequest(),
    index: [Get('/'), Post('/'), Get('/other')],
    fails: Get('/fails'),
    failed: ErrorHandler(RangeError),
    after: AfterRequest,
  })
  expect(decorated).toBe(App)
  const client = testClient(bootstrap(App))
  expect([(await client.get('/')).text, (await client.post('/')).text, (await client.get('/other')).text]).toEqual([
    ...['GET /', 'POST /', 'GET /other'],
  ])
  log.length = 0
  expect((await client.get('/fails')).text).toBe('failed from the view')
  expect(log).toEqual(['second', 'first', 'after'])
})

test('a blueprint is a call, and inherited and symbol-named methods can be decorated', async () => {
  const hidden = Symbol('hidden')
  class Base {
    index() {
      return 'inherited'
    }
  }
  class Pages extends Base {
    [hidden]() {
      note('hidden')
    }
  }
  Blueprint('/pages')(decorate(Pages, { [hidden]: BeforeRequest, index: Get('/') }))
  class Root {
    index() {
      return 'root'
    }
  }
  const client = testClient(bootstrap(decorate(Root, { index: Get('/') }), { blueprints: [Pages] }))
  expect([(await client.get('/pages/')).text, (await client.get('/')).text]).toEqual(['inherited', 'root'])
  expect(log).toEqual(['hidden'])
})

test('a decorator of another library may replace the method, the last one first', async () => {
  const adding =
    (text: string) => (_prototype: object, _name: string, descriptor: { value: (ctx: Context) => string }) => ({
      ...descriptor,
      value: (ctx: Context) => `${text} ${descriptor.value(ctx)}`,
    })
  class Wrapped {
    index() {
      return 'view'
    }
  }
  decorate(Wrapped, { index: [adding('outer'), Get('/'), adding('inner')] })
  expect((await testClient(bootstrap(Wrapped)).get('/')).text).toBe('outer inner view')
})

test('mistakes are set-up errors', () => {
  class Site {
    field = 1
    static list() {
      return ''
    }
    index() {
      return ''
    }
    get page() {
      return () => ''
    }
  }
  const refused = (methods: object) => setupError(() => decorate(Site, methods))
  expect(refused({ indx: Get('/') })).toBe(
    'FLASKOA_NOT_A_METHOD Site.indx: decorate got a decorator for it, but Site has no such method.',
  )
  expect(refused({ list: Get('/') })).toBe(
    'FLASKOA_NOT_A_METHOD Site.list: decorate got a decorator for it, but it is static. Only instance methods can run for a ' +
      'request: leave out static.',
  )
  expect([refused({ field: Get('/') }), refused({ constructor: BeforeRequest })]).toEqual(
    ['field', 'constructor'].map(
      name => `FLASKOA_NOT_A_METHOD Site.${name}: decorate got a decorator for it, but Site has no such method.`,
    ),
  )
  const badArguments =
    'FLASKOA_BAD_DECORATOR_CALL decorate needs a class, and an object with a decorator or a list of decorators for each ' +
    "method: write decorate(App, { loadUser: BeforeRequest, index: Get('/') })"
  expect([refused({ index: undefined }), refused({ index: [Get('/'), 'post'] })]).toEqual(Array(2).fill(badArguments))
  expect(setupError(() => decorate(Site, undefined as never))).toBe(badArguments)
  expect(setupError(() => decorate({} as Class, {}))).toBe(badArguments)
  expect(refused({ index: Get })).toMatch(/^FLASKOA_BAD_DECORATOR_CALL @Get needs a URL rule/)
  decorate(Site, { page: Get('/') })
  expect(setupError(() => bootstrap(Site))).toMatch(/^FLASKOA_NOT_A_METHOD Site.page: @Get is on an accessor/)
})
