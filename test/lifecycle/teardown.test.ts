import {
  BeforeRequest,
  Blueprint,
  ErrorHandler,
  Get,
  TeardownAppContext,
  TeardownRequest,
  abort,
  afterThisRequest,
  bootstrap,
  currentContext,
  g,
  makeResponse,
  request,
  session,
  type Context,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { log, note, LoggedHooks } from '../support/log'

class DatabaseError extends Error {}

test('[7.1] teardown runs from the innermost blueprint to the application, in each scope the last method first', async () => {
  @Blueprint('/inner')
  class Inner extends LoggedHooks {
    @Get('/')
    view() {
      return 'inner'
    }
  }
  @Blueprint('/outer', { blueprints: [Inner] })
  class Outer extends LoggedHooks {}
  class App extends LoggedHooks {}
  await clientOf(App, { blueprints: [Outer] }).get('/outer/inner/')
  expect(log.filter(entry => entry.includes('teardown'))).toEqual([
    ...['Inner teardown 2', 'Inner teardown 1'],
    ...['Outer teardown 2', 'Outer teardown 1'],
    ...['App teardown 2', 'App teardown 1'],
  ])
})

describe('what ended the request', () => {
  class App {
    @Get('/')
    index() {
      return 'index'
    }

    @Get('/abort')
    abort(): string {
      abort(403)
    }

    @Get('/handled')
    handled(): string {
      throw new DatabaseError('broken')
    }

    @Get('/unhandled')
    unhandled(): string {
      throw new RangeError('too much')
    }

    @Get('/nothing')
    nothing() {
      return undefined as unknown as string
    }

    @ErrorHandler(DatabaseError)
    database() {
      return 'sorry'
    }

    @TeardownRequest()
    first(error: Error | undefined, ctx: Context) {
      note(`${ctx.path} ${error}`)
    }

    @TeardownRequest()
    async second(error?: Error) {
      await Promise.resolve()
      note(`${error}`)
    }
  }

  test.each([
    ['/', 'undefined'],
    ['/abort', 'undefined'],
    ['/unknown', 'undefined'],
    ['/%ff', 'undefined'],
    ['/handled', 'undefined'],
    ['/unhandled', 'RangeError: too much'],
    ['/nothing', expect.stringMatching(/^TypeError: App\.nothing returned undefined/)],
  ])('[7.2, 7.3] every teardown method runs and gets the unhandled error or undefined: %s', async (path, error) => {
    await clientOf(App).get(path)
    expect(log).toHaveLength(2)
    expect(log[0]).toEqual(error)
    expect(log[1]).toBe(`${path} ${log[0]}`)
  })

  test('[7.2] teardown also runs when the error leaves the lifecycle', async () => {
    await expect(clientOf(App, { testing: true }).get('/unhandled')).rejects.toThrow('too much')
    expect(log).toEqual(['RangeError: too much', '/unhandled RangeError: too much'])
  })

  test('[7.3] all teardown methods get the same error, whatever errors another one catches', async () => {
    const seen: unknown[] = []
    class Catching {
      @Get('/')
      index(): string {
        throw new RangeError('too much')
      }

      @TeardownRequest()
      last(error?: Error) {
        seen.push(error)
      }

      @TeardownRequest()
      first(error?: Error) {
        seen.push(error)
        try {
          throw new Error('of its own')
        } catch (own) {
          note(String(own))
        }
      }
    }
    await clientOf(Catching).get('/')
    expect(seen).toEqual([new RangeError('too much'), seen[0]])
    expect(seen[1]).toBe(seen[0])
    expect(log).toEqual(['Error: of its own'])
  })
})

describe('@TeardownAppContext', () => {
  @Blueprint('/users')
  class Users {
    @Get('/')
    index(): string {
      throw new DatabaseError('broken')
    }

    @TeardownRequest()
    request() {
      note('request of the blueprint')
    }

    @TeardownAppContext()
    context(error: Error | undefined) {
      note(`context from the blueprint: ${error?.message}`)
      throw new RangeError('a teardown')
    }
  }
  class App {
    @TeardownAppContext()
    async last(error: Error | undefined, ctx: Context | undefined) {
      await Promise.resolve()
      note(`last at ${ctx?.path}: ${error?.message}`)
    }

    @TeardownAppContext()
    first(error: Error | undefined) {
      note(`first: ${error?.message}`)
    }

    @TeardownRequest()
    request() {
      note('request of the application')
      throw new RangeError('a teardown')
    }
  }
  const client = clientOf(App, { blueprints: [Users] })

  test('[7.1, 7.3, 7.6] runs after all of the request, reversed, with the same error, whatever throws', async () => {
    expect((await client.get('/users/')).status).toBe(500)
    expect(log).toEqual([
      'request of the blueprint',
      'request of the application',
      'context from the blueprint: broken',
      'first: broken',
      'last at /users/: broken',
    ])
  })

  test('[7.2] runs for the whole application, when nothing matched too', async () => {
    expect((await client.get('/unknown')).status).toBe(404)
    expect(log.slice(1)).toEqual([
      'context from the blueprint: undefined',
      'first: undefined',
      'last at /unknown: undefined',
    ])
  })
})

describe('[7.4] the response is final', () => {
  test('a teardown method cannot change it, by what it does or returns', async () => {
    class App {
      @Get('/')
      index() {
        return makeResponse('index', 201, { 'X-View': 'yes' })
      }

      @Get('/read')
      read() {
        return { foo: session.foo, username: g.username }
      }

      @TeardownRequest()
      late(_: unknown, ctx: Context) {
        session.foo = 'late'
        g.username = 'late'
        ctx.status = 418
        ctx.body = 'late'
        ctx.set('X-Late', 'yes')
        ctx.set('X-View', 'late')
        ctx.cookies.set('late', 'yes')
        afterThisRequest(response => note('after this request', response))
        return 'late'
      }
    }
    const client = clientOf(App)
    const response = await client.get('/')
    expect([response.status, response.text, response.header('x-view')]).toEqual([201, 'index', 'yes'])
    expect(response.header('content-type')).toBe('text/html; charset=utf-8')
    expect(response.header('x-late')).toBeUndefined()
    expect(response.header('set-cookie')).toBeUndefined()
    expect((await client.get('/read')).json()).toEqual({})
    expect(log).toEqual([])
  })

  test('a teardown method cannot change it after an await either', async () => {
    class App {
      @TeardownRequest()
      async late(_: unknown, ctx: Context) {
        await Promise.resolve()
        ctx.body = 'late'
      }
    }
    expect((await clientOf(App).get('/unknown')).status).toBe(404)
  })
})

test('[7.5] teardown methods can use g, session, request and the context', async () => {
  class App {
    @BeforeRequest()
    before() {
      g.username = 'root'
      session.foo = 'bar'
    }

    @Get('/')
    index() {
      return 'index'
    }

    @TeardownRequest()
    async teardown(_: unknown, ctx: Context) {
      await Promise.resolve()
      note(`${g.username} ${session.foo} ${request.path} ${currentContext() === ctx}`)
    }
  }
  await clientOf(App).get('/')
  expect(log).toEqual(['root bar / true'])
})

describe('[7.6] a teardown method that throws', () => {
  class App {
    @Get('/')
    index() {
      return 'index'
    }

    @Get('/fail')
    fail(): string {
      throw new DatabaseError('the view')
    }

    @TeardownRequest()
    third(error?: Error) {
      note(`third: ${error?.message}`)
    }

    @TeardownRequest()
    async second() {
      note('second')
      await Promise.resolve()
      throw undefined
    }

    @TeardownRequest()
    first() {
      note('first')
      throw new RangeError('the first teardown')
    }
  }

  test.each([
    ['/', 200, undefined],
    ['/fail', 500, 'the view'],
  ])('stops no other, its error goes to the error event, and the response is sent: %s', async (path, status, error) => {
    const app = bootstrap(App, { logger: false })
    const errors: string[] = []
    app.on('error', (failure: Error, ctx: Context) => errors.push(`${failure.message} at ${ctx.path}`))
    expect((await testClient(app).get(path)).status).toBe(status)
    expect(log).toEqual(['first', 'second', `third: ${error}`])
    expect(errors).toEqual([
      ...(error ? [`${error} at ${path}`] : []),
      `the first teardown at ${path}`,
      `a value that is not an Error was thrown: undefined at ${path}`,
    ])
  })

  test('with the error that it was given, does not cause another error event', async () => {
    class Rethrowing {
      @Get('/')
      index(): string {
        throw new DatabaseError('the view')
      }

      @TeardownRequest()
      rethrow(error?: Error) {
        throw error
      }
    }
    for (const testing of [false, true]) {
      const app = bootstrap(Rethrowing, { logger: false, testing })
      const errors: string[] = []
      app.on('error', (failure: Error) => errors.push(failure.message))
      expect((await testClient(app, { propagateExceptions: false }).get('/')).status).toBe(500)
      expect(errors).toEqual(['the view'])
    }
  })
})
