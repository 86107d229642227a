import {
  AfterRequest,
  AppErrorHandler,
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  HttpError,
  TeardownRequest,
  UrlValuePreprocessor,
  abort,
  currentContext,
  makeResponse,
  session,
  type Class,
  type Response,
} from 'flaskoa'
import createError from 'http-errors'
import type { Middleware } from 'koa'
import { clientOf } from '../support/client'
import { log, note } from '../support/log'

const { NotFound } = createError

/** A view that throws what the test says, and notes of what comes after it. */
let thrown: unknown
abstract class Throwing {
  @Get('/')
  throws(): string {
    session.foo = 'kept'
    throw thrown
  }

  @AfterRequest()
  after(response: Response) {
    return note('after', response)
  }

  @TeardownRequest()
  teardown(error?: Error) {
    note(`teardown ${error?.message}`)
  }
}

class DatabaseError extends Error {}
class Deadlock extends DatabaseError {}

describe('[5.1] an HTTP error without a handler is sent as its default page and does not count as unhandled', () => {
  class App extends Throwing {}
  const errors: unknown[] = []
  const logger = { error: (_: unknown, message: string) => errors.push(message) }
  beforeEach(() => (errors.length = 0))

  test('has its code and message; after methods run, the session is saved, nothing is logged', async () => {
    const client = clientOf(App, { logger })
    thrown = createError(410, 'it <is> gone', { headers: { 'X-Since': '1999' } })
    const response = await client.get('/')
    expect([response.status, response.header('content-type')]).toEqual([410, 'text/html; charset=utf-8'])
    expect(response.header('x-since')).toBe('1999')
    expect(response.text).toContain('<h1>Gone</h1>\n<p>it &lt;is&gt; gone</p>')
    expect(log).toEqual(['after', 'teardown undefined'])
    expect(await client.session()).toEqual({ foo: 'kept' })
    expect(errors).toEqual([])
  })

  test.each([
    ['/unknown', 'GET', 404, undefined],
    ['/', 'POST', 405, 'GET, HEAD, OPTIONS'],
  ])('routing failures are HTTP errors: %s %s', async (path, method, status, allow) => {
    const response = await clientOf(App, { logger }).request(method, path)
    expect([response.status, response.header('allow')]).toEqual([status, allow])
    expect(log).toEqual(['after', 'teardown undefined'])
    expect(errors).toEqual([])
  })

  test('abort(500) is such an error, too', async () => {
    class Aborting extends Throwing {
      @Get('/abort')
      abort(): string {
        abort(500, 'a secret')
      }
    }
    const response = await clientOf(Aborting, { logger }).get('/abort')
    expect(response.status).toBe(500)
    expect(response.text).not.toContain('secret')
    expect(log).toEqual(['after', 'teardown undefined'])
    expect(errors).toEqual([])
  })

  test('abort throws unless its code is an error code', async () => {
    class Aborting extends Throwing {
      @Get('/<int:code>')
      abort({ code }: { code: number }): string {
        abort(code)
      }
    }
    const client = clientOf(Aborting, { testing: true })
    for (const code of [200, 302, 399, 499, 600]) {
      await expect(client.get(`/${code}`)).rejects.toThrow(
        `abort(${code}): expected an HTTP error code from 400 to 599`,
      )
    }
  })

  test('an error with a code that HTTP does not name has a page as well', async () => {
    thrown = createError(499, 'client closed')
    const response = await clientOf(App, { logger }).get('/')
    expect([response.status, response.text]).toEqual([
      499,
      expect.stringContaining('<h1>Error</h1>\n<p>client closed</p>'),
    ])
  })

  test("Koa's ctx.throw makes an HTTP error", async () => {
    class KoaStyle {
      @Get('/')
      index(): string {
        return currentContext().throw(402, 'pay first')
      }
    }
    const response = await clientOf(KoaStyle).get('/')
    expect(response.status).toBe(402)
    expect(response.text).toContain('pay first')
  })

  test('an error with a status alone is not an HTTP error: HTTP clients set it on errors of their own requests', async () => {
    thrown = Object.assign(new Error('upstream'), { status: 404 })
    expect((await clientOf(App, { logger }).get('/')).status).toBe(500)
    expect(log).toEqual(['teardown upstream'])
  })
})

test('[5.2] any other error without a handler of its own takes the 500 path', async () => {
  class App extends Throwing {
    @ErrorHandler(Deadlock)
    deadlock() {
      return note('deadlock', '')
    }

    @ErrorHandler(404)
    missing() {
      return note('404', '')
    }
  }
  thrown = new DatabaseError('broken')
  expect((await clientOf(App).get('/')).status).toBe(500)
  expect(log).toEqual(['teardown broken'])
})

describe("[5.3] a handler's value is a response like a view's", () => {
  class App extends Throwing {
    @ErrorHandler(404)
    missing(error: HttpError, ctx: { path: string }) {
      return note('handler', `${error.message} at ${ctx.path}`)
    }

    @ErrorHandler(403)
    async forbidden() {
      await Promise.resolve()
      return makeResponse('members only', 403, { 'X-Members': 'only' })
    }

    @ErrorHandler(DatabaseError)
    database(error: DatabaseError) {
      return { error: error.message }
    }
  }

  test('a string is a 200; after methods run, the session is saved, teardown gets no error', async () => {
    const client = clientOf(App)
    thrown = new NotFound('no such thing')
    const response = await client.get('/')
    expect([response.status, response.text]).toEqual([200, 'no such thing at /'])
    expect(log).toEqual(['handler', 'after', 'teardown undefined'])
    expect(await client.session()).toEqual({ foo: 'kept' })
  })

  test('makeResponse sets the status', async () => {
    thrown = createError(403)
    const response = await clientOf(App).get('/')
    expect([response.status, response.text, response.header('x-members')]).toEqual([403, 'members only', 'only'])
  })

  test('an error that is not an HTTP error is handled in the same way', async () => {
    thrown = new Deadlock('try again')
    const response = await clientOf(App).get('/')
    expect([response.status, response.json()]).toEqual([200, { error: 'try again' }])
    expect(log).toEqual(['after', 'teardown undefined'])
  })

  test("the response loses what the view had written and keeps outer middleware's headers", async () => {
    class Writing extends App {
      @Get('/write')
      write(): string {
        const ctx = currentContext()
        ctx.status = 201
        ctx.set({ 'X-View': 'yes', 'X-Outer': 'overwritten' })
        ctx.cookies.set('view', 'yes')
        ctx.type = 'text/csv'
        throw new NotFound()
      }
    }
    const outer: Middleware = (ctx, next) => {
      ctx.set('X-Outer', 'yes')
      ctx.cookies.set('outer', 'yes')
      return next()
    }
    const response = await clientOf(Writing, { middleware: [outer], secretKey: undefined }).get('/write')
    expect([response.status, response.header('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect([response.header('x-outer'), response.header('x-view')]).toEqual(['yes', undefined])
    expect(response.header('set-cookie')).toBe('outer=yes; path=/; httponly')
  })
})

describe('[5.4] which handler', () => {
  /** Which handler of the application or of a blueprint at `/blueprint/` answers `error`. */
  async function handlerOf(error: Error, app: Keys, blueprint: Keys, inner: Keys = {}) {
    @Blueprint('/inner')
    class Inner extends handlers('inner', inner) {
      @Get('/')
      throws(): string {
        throw error
      }
    }
    @Blueprint('/blueprint', { blueprints: [Inner] })
    class Users extends handlers('blueprint', blueprint) {}
    const App = handlers('app', app)
    const response = await clientOf(App, { blueprints: [Users] }).get('/blueprint/inner/')
    return response.status === 200 ? response.text : response.status
  }

  type Keys = Record<string, number | (abstract new (...args: never[]) => Error)>

  /** A class with an error handler for each key, which answers with its scope and the name of the key. */
  function handlers(scope: string, keys: Keys) {
    let Handlers: Class = Plain
    for (const [name, key] of Object.entries(keys)) {
      class Handling extends Handlers {
        @ErrorHandler(key as typeof Error)
        [name]() {
          return `${scope} ${name}`
        }
      }
      Handlers = Handling
    }
    return Handlers
  }

  class Plain {
    @BeforeRequest()
    before() {}
  }

  class UserNotFound extends NotFound {
    constructor() {
      super('no such user')
      Object.setPrototypeOf(this, new.target.prototype) // http-errors' classes forget who was constructed
    }
  }

  test('the nearest class wins within a scope', async () => {
    const keys = { Error, DatabaseError, Deadlock, TypeError }
    expect(await handlerOf(new Deadlock(), keys, {})).toBe('app Deadlock')
    expect(await handlerOf(new DatabaseError(), keys, {})).toBe('app DatabaseError')
    expect(await handlerOf(new Error(), keys, {})).toBe('app Error')
    expect(await handlerOf(new Deadlock(), { Error, DatabaseError }, {})).toBe('app DatabaseError')
    expect(await handlerOf(new RangeError(), { TypeError }, {})).toBe(500)
  })

  test('the innermost scope wins, even if its class is farther', async () => {
    const own = { Deadlock }
    expect(await handlerOf(new Deadlock(), own, { DatabaseError })).toBe('blueprint DatabaseError')
    expect(await handlerOf(new Deadlock(), own, own, { Error })).toBe('inner Error')
    expect(await handlerOf(new Deadlock(), own, own, { TypeError })).toBe('blueprint Deadlock')
  })

  test("the application's handler for a code wins over a blueprint's handlers for classes without a code", async () => {
    expect(await handlerOf(new NotFound(), { 404: 404 }, { HttpError })).toBe('app 404')
    expect(await handlerOf(new NotFound(), { 404: 404 }, { Error })).toBe('app 404')
    expect(await handlerOf(new NotFound(), { 404: 404 }, { 404: 404 })).toBe('blueprint 404')
  })

  test("a blueprint's handler for Error wins over the application's handler for HttpError", async () => {
    expect(await handlerOf(new NotFound(), { HttpError }, { Error })).toBe('blueprint Error')
    expect(await handlerOf(new NotFound(), { HttpError, Error }, {})).toBe('app HttpError')
  })

  test('a subclass of NotFound and 404 belong to the same round', async () => {
    expect(await handlerOf(new UserNotFound(), { 404: 404, UserNotFound }, {})).toBe('app UserNotFound')
    expect(await handlerOf(new UserNotFound(), { UserNotFound }, { 404: 404 })).toBe('blueprint 404')
    expect(await handlerOf(new UserNotFound(), { 404: 404 }, {})).toBe('app 404')
    expect(await handlerOf(new NotFound(), { UserNotFound }, {})).toBe(404)
  })

  test('another code does not match', async () => {
    expect(await handlerOf(createError(403), { 404: 404 }, { 401: 401 })).toBe(403)
  })

  describe("an error with a status and expose of its own is an HTTP error of that code's class", () => {
    class Teapot extends Error {
      readonly status = 418
      readonly expose = true
    }

    test('a handler for the code catches it', async () => {
      expect(await handlerOf(new Teapot(), { 418: 418 }, { Error })).toBe('app 418')
      expect(await handlerOf(Object.assign(new Error(), { status: 404, expose: true }), { 404: 404 }, {})).toBe(
        'app 404',
      )
      expect(await handlerOf(createError(404, new DatabaseError()), { NotFound }, {})).toBe('app NotFound')
      expect(await handlerOf(new Teapot(), { HttpError }, {})).toBe('app HttpError')
      expect(await handlerOf(new Teapot(), {}, {})).toBe(418)
    })

    test('a handler for its own class, which is nearer, wins', async () => {
      expect(await handlerOf(new Teapot(), { 418: 418, Teapot }, {})).toBe('app Teapot')
      expect(await handlerOf(new Teapot(), { Teapot }, { 418: 418 })).toBe('blueprint 418')
      expect(await handlerOf(new Teapot(), { Teapot }, { HttpError })).toBe('app Teapot')
    })
  })
})

describe('[5.5] several handlers for one key', () => {
  test('a code and its class are the same: the last handler wins', async () => {
    class App {
      @ErrorHandler(404)
      first() {
        return 'first'
      }

      @ErrorHandler(NotFound)
      last() {
        return 'last'
      }
    }
    expect((await clientOf(App).get('/')).text).toBe('last')
  })

  test('AppErrorHandler registers a handler of the application', async () => {
    @Blueprint('/users')
    class Users {
      @AppErrorHandler(404)
      missing() {
        return 'of the blueprint'
      }

      @Get('/')
      index(): string {
        abort(404)
      }
    }
    class App {
      @ErrorHandler(404)
      missing() {
        return 'of the application'
      }
    }
    const client = clientOf(App, { blueprints: [Users] })
    expect((await client.get('/users/')).text).toBe('of the blueprint')
    expect((await client.get('/unknown')).text).toBe('of the blueprint')
  })
})

describe('[5.6] errors without a code of their class', () => {
  class App extends Throwing {
    @ErrorHandler(HttpError)
    http() {
      return note('HttpError handler', 'handled')
    }

    @ErrorHandler(Error)
    any() {
      return note('Error handler', 'handled')
    }

    @Get('/ready')
    ready(): string {
      abort(makeResponse('ready', 202, { 'X-Ready': 'yes' }))
    }

    @Get('/fetch')
    fetch(): string {
      abort(new globalThis.Response('fetched', { status: 203 }))
    }
  }

  test('abort(response) sends that response and calls no handler', async () => {
    const response = await clientOf(App).get('/ready')
    expect([response.status, response.text, response.header('x-ready')]).toEqual([202, 'ready', 'yes'])
    expect(log).toEqual(['after', 'teardown undefined'])
    const fetched = await clientOf(App).get('/fetch')
    expect([fetched.status, fetched.text]).toEqual([203, 'fetched'])
  })

  test("the code of the class counts, not the instance's", async () => {
    class Coded extends Throwing {
      @ErrorHandler(404)
      missing() {
        return '404'
      }

      @ErrorHandler(410)
      gone() {
        return '410'
      }
    }
    class GoneOnly extends Throwing {
      @ErrorHandler(410)
      gone() {
        return '410'
      }
    }
    thrown = Object.assign(new NotFound(), { status: 410 })
    expect((await clientOf(Coded).get('/')).text).toBe('404')
    const response = await clientOf(GoneOnly).get('/')
    expect([response.status, response.text]).toEqual([410, expect.stringContaining('<h1>Gone</h1>')])
  })
})

describe('[5.7] catch-all handlers', () => {
  const withHandler = (key: abstract new () => Error) => {
    class App extends Throwing {
      @ErrorHandler(key)
      handle(error: Error) {
        return `${error.name} caused by ${String(error.cause)}`
      }
    }
    return clientOf(App)
  }

  test('HttpError gets all HTTP errors, also those of routing, and the 500 of an unhandled error', async () => {
    const client = withHandler(HttpError)
    thrown = createError(403)
    expect((await client.get('/')).text).toBe('ForbiddenError caused by undefined')
    expect((await client.get('/unknown')).text).toBe('NotFoundError caused by undefined')
    expect((await client.post('/')).text).toBe('MethodNotAllowedError caused by undefined')
    thrown = new DatabaseError('broken')
    expect((await client.get('/')).text).toBe('InternalServerError caused by Error: broken')
  })

  test('Error gets everything', async () => {
    const client = withHandler(Error)
    thrown = createError(403)
    expect((await client.get('/')).text).toBe('ForbiddenError caused by undefined')
    expect((await client.get('/unknown')).text).toBe('NotFoundError caused by undefined')
    expect((await client.post('/')).text).toBe('MethodNotAllowedError caused by undefined')
    thrown = new DatabaseError('broken')
    expect((await client.get('/')).text).toBe('Error caused by undefined')
  })
})

describe("[5.8] a blueprint's handlers", () => {
  @Blueprint('/users')
  class Users {
    @ErrorHandler(DatabaseError)
    @ErrorHandler(404)
    @ErrorHandler(405)
    handle() {
      return 'of the blueprint'
    }

    @Get('/')
    index() {
      return 'index'
    }
  }

  test("run wherever the error was thrown, also in the application's methods", async () => {
    class Before {
      @BeforeRequest()
      before() {
        throw new DatabaseError()
      }
    }
    class Values {
      @UrlValuePreprocessor()
      values() {
        throw new DatabaseError()
      }
    }
    for (const App of [Before, Values]) {
      expect((await clientOf(App, { blueprints: [Users] }).get('/users/')).text).toBe('of the blueprint')
    }
  })

  test('do not run for a URL without a rule', async () => {
    class App {
      @ErrorHandler(404)
      missing() {
        return 'of the application'
      }
    }
    const client = clientOf(App, { blueprints: [Users] })
    expect((await client.get('/users/unknown')).text).toBe('of the application')
    expect((await client.post('/users/')).status).toBe(405)
  })
})

test('[5.9] an HTTP error that is returned is sent as its page, and no handler runs', async () => {
  class App {
    @BeforeRequest()
    before(ctx: { path: string }) {
      return ctx.path === '/before' ? createError(403) : undefined
    }

    @Get('/')
    index() {
      return createError(404, 'no such user')
    }

    @ErrorHandler(DatabaseError)
    database() {
      return createError(503)
    }

    @Get('/database')
    readDatabase(): string {
      throw new DatabaseError()
    }

    @ErrorHandler(HttpError)
    http() {
      return note('handler', 'handled')
    }
  }
  const client = clientOf(App)
  const response = await client.get('/')
  expect(response.status).toBe(404)
  expect(response.text).toContain('<p>no such user</p>')
  expect((await client.get('/before')).status).toBe(403)
  expect((await client.get('/database')).status).toBe(503)
  expect(log).toEqual([])
})

describe('[5.10] a handler that throws', () => {
  class App extends Throwing {
    @ErrorHandler(DatabaseError)
    database(error: DatabaseError): string {
      note('handler')
      throw error.cause ?? error
    }

    @ErrorHandler(404)
    missing() {
      return note('404 handler', '')
    }

    @ErrorHandler(TypeError)
    type() {
      return note('TypeError handler', '')
    }
  }

  test.each([
    ['another error', new TypeError('worse')],
    ['an HTTP error', new NotFound('not here')],
  ])('%s: no handler for it is looked up, it is a 500 and teardown gets it', async (_, cause) => {
    thrown = new DatabaseError('broken', { cause })
    expect((await clientOf(App).get('/')).status).toBe(500)
    expect(log).toEqual(['handler', `teardown ${cause.message}`])
  })

  test('the same error again: the same result', async () => {
    thrown = new DatabaseError('broken')
    expect((await clientOf(App).get('/')).status).toBe(500)
    expect(log).toEqual(['handler', 'teardown broken'])
  })

  test('a 500 handler gets the new error', async () => {
    class With500 extends App {
      @ErrorHandler(500)
      server(error: HttpError) {
        return note('500 handler', (error.cause as Error).message)
      }
    }
    thrown = new DatabaseError('broken', { cause: new TypeError('worse') })
    expect((await clientOf(With500).get('/')).text).toBe('worse')
    expect(log).toEqual(['handler', '500 handler', 'after', 'teardown worse'])
  })
})

test.each([undefined, null, 0, true, Promise.resolve(undefined)])(
  '[5.11] a handler that returns %p is a TypeError that names it, on the 500 path',
  async value => {
    class App extends Throwing {
      @ErrorHandler(DatabaseError)
      database() {
        return value as unknown as string
      }

      @ErrorHandler(TypeError)
      type() {
        return note('TypeError handler', '')
      }
    }
    thrown = new DatabaseError('broken')
    expect((await clientOf(App).get('/')).status).toBe(500)
    expect(log).toEqual([expect.stringMatching(/^teardown App\.database returned /)])
  },
)

describe('[5.12] a thrown value that is not an error', () => {
  class App extends Throwing {
    @ErrorHandler(Error)
    any(error: Error) {
      return { message: error.message, cause: error.cause }
    }
  }

  test.each([
    ['a string', '"a string"'],
    [42, '42'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{ status: 404 }, 'an object of class Object'],
  ])('%p is wrapped in one, which is then handled like any other', async (value, described) => {
    thrown = value
    const response = await clientOf(App).get('/')
    expect(response.json()).toEqual({
      message: `a value that is not an Error was thrown: ${described}`,
      ...(value === undefined ? {} : { cause: value }),
    })
    expect(log).toEqual(['after', 'teardown undefined'])
  })

  test('without a handler, teardown and the error event get that error', async () => {
    class Unhandled extends Throwing {}
    thrown = 'a string'
    expect((await clientOf(Unhandled).get('/')).status).toBe(500)
    expect(log).toEqual(['teardown a value that is not an Error was thrown: "a string"'])
  })

  test('a promise rejected with such a value is treated in the same way', async () => {
    class Rejecting extends App {
      @Get('/reject')
      reject(): Promise<string> {
        return Promise.reject('a string')
      }
    }
    expect((await clientOf(Rejecting).get('/reject')).json()).toMatchObject({ cause: 'a string' })
  })
})
