import Koa from 'koa'
import koaSession from 'koa-session'
import {
  AfterRequest,
  BeforeFirstRequest,
  BeforeRequest,
  ErrorHandler,
  Get,
  Post,
  Route,
  TeardownRequest,
  bootstrap,
  currentContext,
  g,
  lifecycle,
  redirect,
  session,
  urlFor,
  type Context,
  type LifecycleOptions,
  type Response,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { cookieHeader } from '../support/client'
import { serve } from '../support/serve'
import { setCookies } from '../support/session'

const log: string[] = []
beforeEach(() => {
  log.length = 0
})

class Api {
  @BeforeRequest
  before() {
    log.push('before')
    g.name = 'Ada'
  }
  @Get('/users/<int:id>')
  show({ id }: { id: number }) {
    log.push('view')
    return { id }
  }
  @Post('/users/<int:id>')
  change() {
    return 'changed'
  }
  @Get('/fail')
  fail(): string {
    throw new Error('from the view')
  }
  @Get('/folder/')
  folder() {
    return 'folder'
  }
  @AfterRequest
  after(response: Response) {
    log.push(`after ${response.status}`)
    response.set('X-After', 'yes')
    return response
  }
  @TeardownRequest
  teardown(error?: Error) {
    log.push(`teardown ${error?.message ?? 'without an error'}`)
  }
}

class WithHandlers extends Api {
  @ErrorHandler(404)
  missing() {
    return 'nothing here'
  }
  @ErrorHandler(405)
  notAllowed() {
    return 'not so'
  }
}

const outside: Koa.Middleware = async (ctx, next) => {
  log.push('outside in')
  ctx.set('X-Outside', 'yes')
  await next()
  log.push(`outside out ${ctx.status}`)
}

/** A Koa application with middleware outside of the lifecycle and middleware after it, which answers `/koa`. */
function koaWith(middleware: Koa.Middleware, quiet = true) {
  const app = new Koa()
  app.silent = quiet
  app.use(outside)
  app.use(middleware)
  app.use(async (ctx, next) => {
    log.push('inside')
    if (ctx.path === '/koa') ctx.body = `${g.name} in ${currentContext().path}`
    else await next()
  })
  return app
}

describe('lifecycle() between other middleware', () => {
  test('a URL with a rule is answered, and later middleware does not run', async () => {
    await serve(koaWith(lifecycle(Api)), async url => {
      const response = await fetch(`${url}/users/5`)
      expect(await response.json()).toEqual({ id: 5 })
      expect([response.headers.get('X-Outside'), response.headers.get('X-After')]).toEqual(['yes', 'yes'])
    })
    expect(log).toEqual([
      ...['outside in', 'before', 'view', 'after 200', 'teardown without an error', 'outside out 200'],
    ])
  })

  test('any other URL goes to later middleware, inside of the hooks and the context', async () => {
    const response = await testClient(koaWith(lifecycle(Api))).get('/koa')
    expect([response.status, response.text, response.header('X-After')]).toEqual([200, 'Ada in /koa', 'yes'])
    expect(log).toEqual([
      ...['outside in', 'before', 'inside', 'after 200', 'teardown without an error', 'outside out 200'],
    ])
  })

  test('a method without a rule goes to later middleware, too', async () => {
    const app = koaWith(lifecycle(Api))
    app.use(ctx => {
      if (ctx.method === 'DELETE') ctx.status = 204
    })
    const client = testClient(app)
    expect([(await client.delete('/users/5')).status, (await client.put('/users/5')).status]).toEqual([204, 405])
  })

  test.each([
    ['an unknown URL', 'GET', '/unknown', 404, 'Not Found', 'nothing here', undefined],
    ['a wrong method', 'PUT', '/users/5', 405, 'Method Not Allowed', 'not so', 'GET, HEAD, OPTIONS, POST'],
  ])('[4.4] nobody answers %s', async (_, method, path, status, page, handled, allow) => {
    const bare = await testClient(koaWith(lifecycle(Api))).request(method, path)
    expect([bare.status, bare.text, bare.header('Allow')]).toEqual([status, expect.stringContaining(page), allow])
    expect(log).toEqual([
      ...['outside in', 'before', 'inside', `after ${status}`, 'teardown without an error', `outside out ${status}`],
    ])
    const own = await testClient(koaWith(lifecycle(WithHandlers))).request(method, path)
    expect([own.status, own.text, own.header('X-Outside')]).toEqual([200, handled, 'yes'])
  })

  test('[4.5] a missing slash is a redirect, unless the middleware behind it answers', async () => {
    const app = koaWith(lifecycle(Api))
    expect((await testClient(app).get('/folder')).status).toBe(308)
    app.use(ctx => void (ctx.body = 'a page'))
    expect((await testClient(app).get('/folder')).text).toBe('a page')
  })

  test.each<[string, Koa.Middleware, number, string]>([
    ['a status alone', ctx => void (ctx.status = 202), 202, 'Accepted'],
    ['null', ctx => void (ctx.body = null), 204, ''],
    ['an object', ctx => void (ctx.body = { a: 1 }), 200, '{"a":1}'],
    ['a redirect', ctx => ctx.redirect('/users/5'), 302, 'Redirecting'],
  ])('what the middleware behind it answers counts: %s', async (_, behind, status, text) => {
    const app = koaWith(lifecycle(WithHandlers))
    app.use(behind)
    const response = await testClient(app).get('/behind')
    expect([response.status, response.text]).toEqual([status, expect.stringContaining(text)])
  })

  test('an error of later middleware is handled by the lifecycle', async () => {
    class WithHandler extends Api {
      @ErrorHandler(RangeError)
      range(error: RangeError) {
        return `handled: ${error.message}`
      }
    }
    const app = koaWith(lifecycle(WithHandler))
    app.use(() => {
      throw new RangeError('from behind')
    })
    expect((await testClient(app).get('/behind')).text).toBe('handled: from behind')
  })

  test("HTTP errors that Koa's ctx.throw and ctx.assert make find their handlers", async () => {
    const app = koaWith(lifecycle(WithHandlers))
    app.use(ctx => ctx.throw(404))
    expect((await testClient(app).get('/behind')).text).toBe('nothing here')
  })

  test('an unhandled error gives the bare page and one error event with ctx', async () => {
    const app = koaWith(lifecycle(Api))
    const reported: unknown[] = []
    app.on('error', (error: Error, ctx: Koa.Context) => reported.push([error.message, ctx.path]))
    const response = await testClient(app).get('/fail')
    expect([response.status, response.header('X-Outside'), response.header('X-After')]).toEqual([500, 'yes', undefined])
    expect(reported).toEqual([['from the view', '/fail']])
    expect(log).toEqual(['outside in', 'before', 'teardown from the view', 'outside out 500'])
  })

  test('an error object that several requests share is reported for each of them', async () => {
    const shared = Promise.reject(new Error('no database'))
    class App {
      @Route('/')
      async index() {
        return await shared
      }
    }
    const app = koaWith(lifecycle(App))
    const reported: unknown[] = []
    app.on('error', (error: Error) => reported.push(error.message))
    const client = testClient(app)
    expect([(await client.get('/')).status, (await client.get('/')).status, reported]).toEqual([
      ...[500, 500, ['no database', 'no database']],
    ])
  })

  test('without an error listener, Koa writes the error to the console, once', async () => {
    const write = jest.spyOn(console, 'error').mockImplementation()
    try {
      await testClient(koaWith(lifecycle(Api), false)).get('/fail')
      expect(write.mock.calls).toEqual([[expect.stringContaining('Error: from the view')]])
    } finally {
      write.mockRestore()
    }
  })

  test('[10.1] errors that propagate reach the middleware outside', async () => {
    const app = new Koa()
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        ctx.body = `caught ${(error as Error).message}`
      }
    })
    app.use(lifecycle(Api, { propagateExceptions: true }))
    expect((await testClient(app).get('/fail')).text).toBe('caught from the view')
  })

  test('an error of the middleware option is answered and reported once per request', async () => {
    const thrown = ['a text', new Error('the same one')]
    const reported: string[] = []
    const app = bootstrap(Api, {
      middleware: [ctx => Promise.reject(thrown[Number(ctx.query.n)])],
      logger: { error: ({ err }) => reported.push(String(err)) },
    })
    await serve(app, async url => {
      for (const n of [0, 0, 1, 1]) expect((await fetch(`${url}/?n=${n}`)).status).toBe(500)
    })
    expect(reported).toEqual([
      ...Array<string>(2).fill('Error: non-error thrown: "a text"'),
      ...Array<string>(2).fill('Error: the same one'),
    ])
  })

  test('an error without a stack is logged by its name and message', async () => {
    const reported: unknown[] = []
    const error = Object.assign(new RangeError('no stack'), { stack: undefined })
    class App {
      @Route('/')
      index(): string {
        throw error
      }
    }
    await testClient(bootstrap(App, { logger: { error: ({ err }, message) => reported.push(message, err) } })).get('/')
    expect(reported).toEqual(['Exception on / [GET]: no stack', error])
    expect(String(error)).toBe('RangeError: no stack')
  })

  test('the middleware outside may answer without it', async () => {
    const app = new Koa()
    app.use(async (ctx, next) => {
      if (ctx.path === '/health') ctx.body = 'fine'
      else await next()
    })
    app.use(lifecycle(Api))
    expect([(await testClient(app).get('/health')).text, log]).toEqual(['fine', []])
  })

  test('middleware may also be added to what bootstrap returned', async () => {
    const app = bootstrap(Api)
    app.use(ctx => void (ctx.body = 'added'))
    const client = testClient(app)
    expect([(await client.get('/other')).text, (await client.get('/users/1')).json()]).toEqual(['added', { id: 1 }])
  })
})

class Counter {
  @Route('/')
  index(ctx: Context) {
    session.count = (session.count ?? 0) + 1
    return [session.count, ctx.session.count]
  }
  @Route('/read')
  read() {
    return [session.count ?? null]
  }
  @Route('/clear')
  clear() {
    session.clear()
    return ''
  }
}

describe('its session', () => {
  function appWith(options: LifecycleOptions, keys?: string[]) {
    const app = new Koa()
    app.silent = true
    if (keys) app.keys = keys
    app.use(lifecycle(Counter, options))
    return app
  }

  test.each<[string, LifecycleOptions, string[] | undefined]>([
    ['app.keys', {}, ['app']],
    ['the option secretKey', { secretKey: 'own' }, undefined],
    ['both, of which secretKey counts', { secretKey: 'own' }, ['app']],
  ])('is signed by %s', async (_, options, keys) => {
    const client = testClient(appWith(options, keys))
    await client.get('/')
    expect((await client.get('/')).json()).toEqual([2, 2])
    const cookie = cookieHeader(client)
    const other = testClient(appWith({ secretKey: options.secretKey ?? keys }))
    expect((await other.get('/read', { headers: { cookie } })).json()).toEqual([2])
    expect(await client.session()).toEqual({ count: 2 })
  })

  test('app.keys may be set after the middleware was added', async () => {
    const app = appWith({})
    app.keys = ['late']
    const client = testClient(app)
    await client.get('/')
    expect((await client.get('/')).json()).toEqual([2, 2])
  })

  test('[13.6] without any key it cannot be written', async () => {
    const app = appWith({})
    const reported: string[] = []
    app.on('error', (error: Error) => reported.push(error.message))
    expect([(await testClient(app).get('/')).status, reported]).toEqual([
      500,
      [expect.stringContaining('no secret key')],
    ])
  })

  describe('when the application has koa-session', () => {
    function appWithOwn(options: LifecycleOptions = {}, kept?: Map<string, unknown>) {
      const app = new Koa()
      app.silent = true
      app.keys = ['app']
      const store = kept && {
        get: (key: string) => Promise.resolve(kept.get(key)),
        set: (key: string, content: unknown) => Promise.resolve(void kept.set(key, content)),
        destroy: (key: string) => Promise.resolve(void kept.delete(key)),
      }
      app.use(koaSession({ key: 'own', ...(store && { store }) }, app))
      app.use(async (ctx, next) => {
        if (ctx.path !== '/outside') return next()
        ;(ctx.session as { count?: number }).count = 10
        ctx.body = ''
      })
      app.use(lifecycle(Counter, options))
      return app
    }

    test.each<[string, () => Map<string, unknown> | undefined]>([
      ['in a cookie', () => undefined],
      ['in a store', () => new Map()],
    ])('it is that one, which saves it: %s', async (_, kept) => {
      const client = testClient(appWithOwn({}, kept()))
      await client.get('/outside')
      const response = await client.get('/')
      expect(response.json()).toEqual([11, 11])
      expect(setCookies(response).every(cookie => cookie.startsWith('own'))).toBe(true)
      expect((await client.get('/read')).json()).toEqual([11])
    })

    test.each<[string, () => Map<string, unknown> | undefined]>([
      ['in a cookie', () => undefined],
      ['in a store', () => new Map()],
    ])('the test client reads and writes it: %s', async (_, kept) => {
      const client = testClient(appWithOwn({}, kept()))
      await client.get('/')
      expect(await client.session()).toMatchObject({ count: 1 })
      await client.session(stored => {
        stored.count = 5
      })
      expect((await client.get('/')).json()).toEqual([6, 6])
    })

    test('it may be replaced, as Koa’s users do', async () => {
      class App {
        @Route('/')
        index(ctx: Context) {
          session.count = 1
          Object.assign(ctx, { session: { name: 'new' } })
          return [session.count ?? null, session.name]
        }
      }
      const app = new Koa({ keys: ['app'] })
      app.use(koaSession(app))
      app.use(lifecycle(App))
      const client = testClient(app)
      expect((await client.get('/')).json()).toEqual([null, 'new'])
      expect(await client.session()).toEqual({ name: 'new' })
    })

    test('a request that does not use the session does not change it', async () => {
      class App {
        @Route('/')
        index() {
          return ''
        }
      }
      const app = new Koa({ keys: ['app'] })
      app.use(koaSession({ rolling: true }, app))
      app.use(lifecycle(App))
      const client = testClient(app)
      await client.session(stored => (stored.count = 1))
      expect(setCookies(await client.get('/'))).toEqual([])
    })

    test('with a secretKey the two sessions are separate, and ctx.session stays the application’s', async () => {
      const client = testClient(appWithOwn({ secretKey: 'own' }))
      await client.get('/outside')
      expect((await client.get('/')).json()).toEqual([1, 10])
      expect(await client.session()).toEqual({ count: 1 })
    })
  })
})

describe('two lifecycles in one application', () => {
  class First {
    @BeforeFirstRequest
    first() {
      log.push('first once')
    }
    @BeforeRequest
    before() {
      log.push('first before')
      g.name = 'first'
    }
    @Route('/first')
    index() {
      session.name = 'first'
      return 'first'
    }
    @AfterRequest
    after(response: Response) {
      log.push(`first after ${g.name}`)
      return response
    }
    @TeardownRequest
    teardown() {
      log.push('first teardown')
    }
  }
  class Second {
    @BeforeRequest
    before() {
      log.push(`second before ${g.name}`)
      g.name = 'second'
    }
    @Route('/second')
    index() {
      session.count = (session.count ?? 0) + 1
      return [session.count, session.name ?? null]
    }
    @AfterRequest
    after(response: Response) {
      log.push(`second after ${g.name}`)
      return response
    }
    @TeardownRequest
    teardown() {
      log.push('second teardown')
    }
  }
  function both(first: LifecycleOptions, second: LifecycleOptions, keys?: string[]) {
    const app = new Koa()
    app.silent = true
    if (keys) app.keys = keys
    app.use(lifecycle(First, first))
    app.use(lifecycle(Second, second))
    return testClient(app)
  }

  test('the second runs inside of the hooks of the first, each with its own g', async () => {
    const client = both({ secretKey: 'one' }, {})
    expect((await client.get('/first')).text).toBe('first')
    log.length = 0
    expect((await client.get('/second')).json()).toEqual([1, 'first'])
    expect(log).toEqual([
      ...['first before', 'second before undefined', 'second after second', 'second teardown'],
      ...['first after first', 'first teardown'],
    ])
  })

  test.each<[string, LifecycleOptions, LifecycleOptions, string[] | undefined]>([
    ['of the first’s secret', { secretKey: 'one' }, {}, undefined],
    ['of app.keys', {}, {}, ['app']],
    ['of app.keys, permanent', { session: { maxAge: 100_000 } }, {}, ['app']],
  ])('they share one session: %s', async (_, first, second, keys) => {
    const client = both(first, second, keys)
    await client.get('/first')
    await client.get('/second')
    expect((await client.get('/second')).json()).toEqual([2, 'first'])
    expect(await client.session()).toEqual({ name: 'first', count: 2 })
  })

  test('a second with a secret and a cookie of its own has a session of its own', async () => {
    const client = both({ secretKey: 'one' }, { secretKey: 'two', session: { key: 'two' } })
    await client.get('/first')
    expect((await client.get('/second')).json()).toEqual([1, null])
    expect((await client.get('/second')).json()).toEqual([2, null])
    expect(await client.session()).toEqual({ name: 'first' })
  })

  test('without a secret both work, and neither session can be written', async () => {
    class Plain {
      @Route('/plain')
      index() {
        return [session.name ?? null]
      }
    }
    const app = new Koa()
    app.use(lifecycle(First))
    app.use(lifecycle(Plain))
    expect((await testClient(app).get('/plain')).json()).toEqual([null])
  })

  test('a URL without a rule in either is a 404 of the second, which passes through the first', async () => {
    const response = await both({}, {}).get('/unknown')
    expect([response.status, log.at(-2)]).toEqual([404, 'first after first'])
  })

  test('side by side under two prefixes, the second may have the keys of the application', async () => {
    const app = new Koa()
    app.keys = ['app']
    app.use(under('/a', lifecycle(First, { secretKey: 'one' })))
    app.use(under('/b', lifecycle(Second)))
    const client = testClient(app)
    expect((await client.get('/a/first')).text).toBe('first')
    await client.get('/b/second')
    expect((await client.get('/b/second')).json()).toEqual([2, null])
  })

  test('the same lifecycle in two applications', async () => {
    const shared = lifecycle(Counter)
    const apps = [new Koa({ keys: ['one'] }), new Koa({ keys: ['two'] })]
    const clients = apps.map(app => testClient(app.use(shared)))
    for (const client of clients) await client.get('/')
    expect(await Promise.all(clients.map(client => client.session()))).toEqual([{ count: 1 }, { count: 1 }])
  })
})

/** What koa-mount does: `middleware` sees the path without `prefix`. */
function under(prefix: string, middleware: Koa.Middleware): Koa.Middleware {
  return async (ctx, next) => {
    const { path } = ctx
    if (!path.startsWith(`${prefix}/`)) return next()
    ctx.mountPath = prefix
    ctx.path = path.slice(prefix.length)
    try {
      await middleware(ctx, async () => {
        ctx.path = path
        await next()
        ctx.path = path.slice(prefix.length)
      })
    } finally {
      ctx.path = path
    }
  }
}

describe('mounted under a prefix', () => {
  class Pages {
    @Route('/')
    index(ctx: Context) {
      return [ctx.path, urlFor('Pages.show', { id: 5, page: 2 }), urlFor('show', { id: 5 }, { external: true })]
    }
    @Get('/pages/<int:id>')
    show({ id }: { id: number }) {
      return `page ${id}`
    }
    @Get('/folder/')
    folder() {
      return 'folder'
    }
    @Get('/go')
    go() {
      return redirect(urlFor('show', { id: 1 }))
    }
  }
  const client = () => {
    const app = new Koa()
    app.use(under('/site', lifecycle(Pages)))
    app.use(ctx => {
      if (ctx.path === '/site/koa') ctx.body = 'koa'
    })
    return testClient(app)
  }

  test('rules are matched without the prefix', async () => {
    expect([(await client().get('/site/pages/3')).text, (await client().get('/pages/3')).status]).toEqual([
      'page 3',
      404,
    ])
  })

  test('urlFor, redirects and slash redirects add it', async () => {
    expect((await client().get('/site/folder?a=1')).header('Location')).toBe('/site/folder/?a=1')
    const response = await client().get('/site/go', { followRedirects: true })
    expect([response.text, response.redirects]).toEqual(['page 1', ['http://localhost/site/pages/1']])
  })

  test('the answer of later middleware is sent', async () => {
    expect((await client().get('/site/koa')).text).toBe('koa')
  })
})
