import {
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  HttpError,
  Post,
  TeardownRequest,
  UrlValuePreprocessor,
  afterThisRequest,
  session,
  type Response,
} from 'flaskoa'
import { clientOf } from '../support/client'
import { log, note, LoggedHooks } from '../support/log'

describe('a value answers', () => {
  class App {
    @BeforeRequest()
    first() {
      return note('first', 'answered')
    }

    @BeforeRequest()
    second() {
      note('second')
    }

    @Get('/')
    index() {
      return note('view', 'index')
    }

    @ErrorHandler(HttpError)
    error() {
      return note('error handler', 'error')
    }
  }
  const client = clientOf(App)

  test.each([
    ['GET', '/'],
    ['HEAD', '/'],
    ['OPTIONS', '/'],
    ['POST', '/'],
    ['GET', '/unknown'],
    ['GET', '/%ff'],
  ])(
    '[2.1, 2.4] instead of later methods, the view, automatic OPTIONS and routing failures: %s %s',
    async (...line) => {
      const response = await client.request(...line)
      expect([response.status, response.text]).toEqual([200, line[0] === 'HEAD' ? '' : 'answered'])
      expect(response.header('allow')).toBeUndefined()
      expect(log).toEqual(['first'])
    },
  )

  test('[2.1] no method of an inner scope runs after one of an outer scope that answered', async () => {
    @Blueprint('/inner')
    class Inner extends LoggedHooks {
      @Get('/')
      view() {
        return note('view', 'inner')
      }
    }
    @Blueprint('/outer', { blueprints: [Inner] })
    class Outer {
      @BeforeRequest()
      before() {
        return note('Outer before', 'answered')
      }
    }
    class Root {
      @BeforeRequest()
      before() {
        note('App before')
      }
    }
    expect((await clientOf(Root, { blueprints: [Outer] }).get('/outer/inner/')).text).toBe('answered')
    expect(log.filter(entry => /before|view/.test(entry))).toEqual(['App before', 'Outer before'])
  })

  test('[2.3] all methods after the view still run, also those of scopes whose before methods did not run', async () => {
    @Blueprint('/users')
    class Users extends LoggedHooks {
      @Get('/')
      view() {
        return note('view', 'users')
      }
    }
    class Root extends LoggedHooks {
      @BeforeRequest()
      answer() {
        session.foo = 'kept'
        afterThisRequest(response => note('after this', response))
        return note('answer', 'answered')
      }
    }
    const outwards = clientOf(Root, { blueprints: [Users] })
    expect((await outwards.get('/users/')).text).toBe('answered')
    expect(log.slice(log.indexOf('answer'))).toEqual([
      'answer',
      'after this',
      ...['Users after 2', 'Users after 1', 'Root after 2', 'Root after 1'],
      ...['Users teardown 2', 'Users teardown 1', 'Root teardown 2', 'Root teardown 1'],
    ])
    expect(await outwards.session()).toEqual({ foo: 'kept' })
  })
})

describe('[2.2] only undefined and null continue, other falsy values do not', () => {
  const answering = (value: unknown) => {
    class App {
      @BeforeRequest()
      before() {
        return value as string
      }

      @Get('/')
      index() {
        return note('view', 'view')
      }
    }
    return clientOf(App).get('/')
  }

  test.each([undefined, null])('%p goes on', async value => {
    expect((await answering(value)).text).toBe('view')
    expect((await answering(Promise.resolve(value))).text).toBe('view')
  })

  test.each([
    ['', '', 'text/html; charset=utf-8'],
    [[], '[]', 'application/json; charset=utf-8'],
    [{}, '{}', 'application/json; charset=utf-8'],
    [Buffer.of(), '', 'application/octet-stream'],
    [Promise.resolve(''), '', 'text/html; charset=utf-8'],
  ])('%p is an answer', async (value, text, type) => {
    const response = await answering(value)
    expect([response.status, response.text, response.header('content-type')]).toEqual([200, text, type])
    expect(log).toEqual([])
  })

  test.each([0, false, NaN, 0n, 1, true])('%p is an error, because it cannot be a response', async value => {
    expect((await answering(value)).status).toBe(500)
    expect(log).toEqual([])
  })
})

test('[2.4] before methods run for every request', async () => {
  class App {
    @BeforeRequest()
    before(ctx: { method: string; path: string }) {
      note(`${ctx.method} ${ctx.path}`)
    }

    @Get('/slash/')
    slash() {
      return 'slash'
    }

    @Post('/post')
    post() {
      return 'post'
    }
  }
  const client = clientOf(App)
  const requests = [
    ['GET', '/unknown', 404],
    ['GET', '/post', 405],
    ['GET', '/slash', 308],
    ['GET', '/%ff', 400],
    ['HEAD', '/slash/', 200],
    ['OPTIONS', '/post', 200],
  ] as const
  for (const [method, path, status] of requests) {
    expect((await client.request(method, path)).status).toBe(status)
  }
  expect(log).toEqual(requests.map(([method, path]) => `${method} ${path}`))
})

describe('[2.5] a before method that throws is like a view that throws', () => {
  class Refused extends Error {}
  class App {
    @BeforeRequest()
    async refuse() {
      await Promise.resolve()
      note('refuse')
      throw new Refused()
    }

    @BeforeRequest()
    later() {
      note('later')
    }

    @Get('/')
    index() {
      return note('view', 'index')
    }

    @AfterRequest()
    after(response: Response) {
      return note('after', response)
    }
  }

  test('a handler for its error answers', async () => {
    class Handled extends App {
      @ErrorHandler(Refused)
      refused() {
        return note('handler', 'refused')
      }
    }
    for (const path of ['/', '/unknown']) {
      log.length = 0
      expect((await clientOf(Handled).get(path)).text).toBe('refused')
      expect(log).toEqual(['refuse', 'handler', 'after'])
    }
  })

  test('without a handler, it is a 500', async () => {
    expect((await clientOf(App).get('/')).status).toBe(500)
    expect(log).toEqual(['refuse'])
  })
})

test('[2.6] the values of preprocessors, before-first methods and teardown methods are ignored', async () => {
  class App {
    @BeforeFirstRequest()
    first() {
      return note('first', 'ignored')
    }

    @UrlValuePreprocessor()
    values() {
      return note('values', 'ignored')
    }

    @Get('/')
    index() {
      return note('view', 'index')
    }

    @TeardownRequest()
    teardown() {
      return note('teardown', 'ignored')
    }
  }
  expect((await clientOf(App).get('/')).text).toBe('index')
  expect(log).toEqual(['first', 'values', 'view', 'teardown'])
})

describe('[2.7] preprocessors', () => {
  test('get the endpoint and the values of the rule, and the view gets what they leave', async () => {
    @Blueprint('/<lang>', { name: 'pages' })
    class Pages {
      @UrlValuePreprocessor()
      takeLang(endpoint: string | undefined, values: Record<string, unknown> | undefined, ctx: { path: string }) {
        note(`${endpoint} ${JSON.stringify(values)} ${ctx.path}`)
        delete values?.lang
      }

      @UrlValuePreprocessor()
      async double(_: unknown, values: Record<string, unknown> | undefined) {
        await Promise.resolve()
        if (values) values.id = Number(values.id) * 2
      }

      @Get('/<int:id>')
      show(values: { id: number }) {
        return values
      }
    }
    class App {
      @Get('/')
      index() {
        return 'index'
      }
    }
    expect((await clientOf(App, { blueprints: [Pages] }).get('/en/21')).json()).toEqual({ id: 42 })
    expect(log).toEqual(['pages.show {"lang":"en","id":21} /en/21'])
  })

  class Strict {
    @UrlValuePreprocessor()
    values(endpoint: string | undefined, values: Record<string, unknown> | undefined) {
      note(`values ${endpoint} ${JSON.stringify(values)}`)
      if (values === undefined) throw new RangeError('no values')
    }

    @BeforeRequest()
    before() {
      note('before')
    }

    @Get('/')
    index() {
      return 'index'
    }
  }

  test('run when no rule matched, with undefined twice; an error takes precedence over the 404', async () => {
    const client = clientOf(Strict)
    expect((await client.get('/')).status).toBe(200)
    expect((await client.get('/unknown')).status).toBe(500)
    expect(log).toEqual(['values index {}', 'before', 'values undefined undefined'])
  })

  test('one that throws is treated like a view that throws', async () => {
    class Handled extends Strict {
      @ErrorHandler(RangeError)
      missing(error: RangeError) {
        return `handled: ${error.message}`
      }
    }
    expect((await clientOf(Handled).get('/unknown')).text).toBe('handled: no values')
  })
})
