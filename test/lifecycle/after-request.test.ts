import {
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  TeardownRequest,
  UrlValuePreprocessor,
  abort,
  afterThisRequest,
  bootstrap,
  makeResponse,
  redirect,
  type Context,
  type Response,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

describe('[9.1] functions given to afterThisRequest', () => {
  class App {
    @Get('/')
    index() {
      afterThisRequest(async response => {
        await Promise.resolve()
        return note('first', response)
      })
      afterThisRequest(response => {
        afterThisRequest(response => note('registered by the second', response))
        return note('second', response)
      })
      afterThisRequest(response => note('third', response))
      return 'index'
    }

    @Get('/other')
    other() {
      return 'other'
    }

    @AfterRequest()
    after(response: Response) {
      afterThisRequest(response => note('registered by an after method', response))
      return note('after', response)
    }
  }

  test('run before all after methods, in their order, with those that they register themselves', async () => {
    await clientOf(App).get('/')
    expect(log).toEqual(['first', 'second', 'third', 'registered by the second', 'after'])
  })

  test('run for this request and no other', async () => {
    const client = clientOf(App)
    await client.get('/')
    log.length = 0
    await client.get('/other')
    expect(log).toEqual(['after'])
  })

  test('run only for their own request when two requests overlap', async () => {
    const arrivals: (() => void)[] = []
    class Waiting {
      @Get('/<int:n>')
      async wait({ n }: { n: number }) {
        afterThisRequest(response => (response.set('X-N', String(n)), response))
        if (n < 3) await new Promise<void>(resolve => arrivals.push(resolve))
        else for (const arrive of arrivals) arrive()
        return ''
      }
    }
    const client = clientOf(Waiting)
    const responses = await Promise.all([1, 2, 3].map(n => client.get(`/${n}`)))
    expect(responses.map(response => response.header('x-n'))).toEqual(['1', '2', '3'])
  })

  test('get the response and ctx; afterThisRequest throws for a value that is not a function', async () => {
    class Given {
      @Get('/')
      index() {
        const fn = (response: Response, ctx: Context) => (note(`${response.body} at ${ctx.path}`), response)
        note(String(afterThisRequest(fn) === fn))
        return 'index'
      }

      @Get('/wrong')
      wrong() {
        afterThisRequest('a string' as never)
        return ''
      }

      @ErrorHandler(TypeError)
      type({ message }: TypeError) {
        return message
      }
    }
    await clientOf(Given).get('/')
    expect(log).toEqual(['true', 'index at /'])
    expect((await clientOf(Given).get('/wrong')).text).toBe('afterThisRequest needs a function, not "a string"')
  })
})

test('[9.2] afterThisRequest may be called in every method that runs before the response is made', async () => {
  const register = (where: string) => void afterThisRequest(response => note(where, response))
  class App {
    @BeforeFirstRequest()
    first() {
      register('before first')
    }

    @UrlValuePreprocessor()
    values() {
      register('preprocessor')
    }

    @BeforeRequest()
    before() {
      register('before')
    }

    @Get('/')
    index(): string {
      register('view')
      abort(404)
    }

    @ErrorHandler(404)
    missing() {
      register('handler')
      return 'missing'
    }
  }
  await clientOf(App).get('/')
  expect(log).toEqual(['before first', 'preprocessor', 'before', 'view', 'handler'])
})

test('[9.3] each gets what the one before returned; a replaced response goes on to the next', async () => {
  class App {
    @Get('/')
    index() {
      afterThisRequest(response => makeResponse(`<${String(response.body)}>`, 201, { 'X-First': '1' }))
      return makeResponse('index', 203, { 'X-View': '1' })
    }

    @AfterRequest()
    third(response: Response) {
      note(`${response.status} ${String(response.body)} ${response.get('X-First')} ${response.get('X-View')}`)
      return makeResponse({ replaced: String(response.body) })
    }

    @AfterRequest()
    async second(response: Response) {
      await Promise.resolve()
      note(`${response.status} ${String(response.body)} ${response.get('X-First')} ${response.get('X-View')}`)
      response.body += '!'
      return response
    }
  }
  const response = await clientOf(App).get('/')
  expect(log).toEqual(['201 <index> 1 undefined', '201 <index>! 1 undefined'])
  expect([response.status, response.json(), response.header('x-first')]).toEqual([
    200,
    { replaced: '<index>!' },
    undefined,
  ])
})

describe('[9.4] an after method that does not return the response', () => {
  const returning = (value: unknown) => {
    class App {
      @Get('/')
      index() {
        return 'index'
      }

      @Get('/this')
      onlyThis() {
        afterThisRequest(function forget() {
          return value as Response
        })
        return ''
      }

      @AfterRequest()
      first(response: Response) {
        return note('not reached', response)
      }

      @AfterRequest()
      forgets(response: Response, ctx: Context) {
        return ctx.path === '/' ? (value as Response) : response
      }

      @TeardownRequest()
      teardown(error?: Error) {
        note(String(error))
      }
    }
    return clientOf(App)
  }

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    ['a string', '"a string"'],
    [{ status: 200 }, 'an object of class Object'],
    [new globalThis.Response(''), 'an object of class Response'],
    [Promise.resolve(undefined), 'undefined'],
  ])('%p is a TypeError that names it, at once', async (value, described) => {
    expect((await returning(value).get('/')).status).toBe(500)
    expect(log).toEqual([
      expect.stringMatching(`^TypeError: App\\.forgets returned ${described}: an after method must`),
    ])
  })

  test('a function given to afterThisRequest is named as well', async () => {
    expect((await returning(undefined).get('/this')).status).toBe(500)
    expect(log).toEqual([expect.stringContaining('TypeError: forget returned undefined: ')])
  })

  test('an anonymous one is described', async () => {
    class Anonymous {
      @Get('/')
      index() {
        afterThisRequest((() => undefined) as never)
        return ''
      }

      @TeardownRequest()
      teardown(error?: Error) {
        note(String(error))
      }
    }
    await clientOf(Anonymous).get('/')
    expect(log).toEqual([
      expect.stringMatching(/^TypeError: a function given to afterThisRequest returned undefined: /),
    ])
  })

  test('a 500 handler answers it; the second pass fails likewise, so its response stands', async () => {
    class Handled {
      @Get('/')
      index() {
        return 'index'
      }

      @AfterRequest()
      forgets() {
        return undefined as unknown as Response
      }

      @ErrorHandler(500)
      server() {
        return 'sorry'
      }
    }
    const app = bootstrap(Handled, { logger: false })
    const errors: Error[] = []
    app.on('error', (error: Error) => errors.push(error))
    expect((await testClient(app).get('/')).text).toBe('sorry')
    expect(errors.map(error => error.name)).toEqual(['TypeError', 'TypeError'])
  })
})

describe('[9.5] after methods', () => {
  class Handled extends Error {}
  class App {
    @BeforeRequest()
    before(ctx: Context) {
      return ctx.path === '/before' ? 'answered' : undefined
    }

    @Get('/')
    index() {
      return 'index'
    }

    @Get('/slash/')
    slash() {
      return redirect('/elsewhere')
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

    @AfterRequest()
    after(response: Response) {
      response.set('X-After', 'yes')
      return note(`after ${response.status}`, response)
    }
  }

  test.each([
    ['GET', '/', 200],
    ['GET', '/before', 200],
    ['GET', '/handled', 200],
    ['GET', '/abort', 403],
    ['GET', '/unknown', 404],
    ['POST', '/', 405],
    ['GET', '/slash', 308],
    ['GET', '/slash/', 302],
    ['GET', '/%ff', 400],
    ['HEAD', '/', 200],
    ['OPTIONS', '/', 200],
  ])('run for whatever was answered: %s %s', async (method, path, status) => {
    const response = await clientOf(App).request(method, path)
    expect([response.status, response.header('x-after')]).toEqual([status, 'yes'])
    expect(log).toEqual([`after ${status}`])
  })

  test('an after method that throws stops the rest of the pass', async () => {
    class Failing {
      @Get('/')
      index() {
        return 'index'
      }

      @AfterRequest()
      last(response: Response) {
        return note('last', response)
      }

      @AfterRequest()
      async first(): Promise<Response> {
        note('first')
        await Promise.resolve()
        throw new Error('failed')
      }
    }
    expect((await clientOf(Failing).get('/')).status).toBe(500)
    expect(log).toEqual(['first'])
  })
})

test("[9.6] a blueprint's after methods run only if one of its rules matched", async () => {
  @Blueprint('/users')
  class Users {
    @Get('/')
    index() {
      return 'users'
    }

    @AfterRequest()
    after(response: Response) {
      return note('blueprint', response)
    }
  }
  class App {
    @AfterRequest()
    after(response: Response) {
      return note('app', response)
    }
  }
  const client = clientOf(App, { blueprints: [Users] })
  await client.get('/users/')
  expect(log.splice(0)).toEqual(['blueprint', 'app'])
  await client.get('/users/unknown')
  await client.post('/users/')
  expect(log).toEqual(['app', 'app'])
})
