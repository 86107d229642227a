import { setImmediate as tick } from 'node:timers/promises'
import {
  AfterRequest,
  AfterResponse,
  BeforeFirstRequest,
  BeforeRequest,
  ErrorHandler,
  Get,
  TeardownAppContext,
  TeardownRequest,
  UrlValuePreprocessor,
  afterThisRequest,
  bootstrap,
  currentApp,
  currentContext,
  flash,
  g,
  getFlashedMessages,
  hasRequestContext,
  lifecycle,
  makeResponse,
  redirect,
  request,
  session,
  streamWithContext,
  urlFor,
  withAppContext,
  withRequestContext,
  type Context,
  type Globals,
  type Response,
} from 'flaskoa'
import { testClient, testRequestContext } from 'flaskoa/testing'
import type Koa from 'koa'
import { ask } from '../support/ask'
import { clientOf } from '../support/client'
import { Gate } from '../support/gate'
import { serve } from '../support/serve'
import { until } from '../support/until'
import { koaOf } from '../support/worlds'

// With `asyncContext: false` there is no AsyncLocalStorage: the context of a request ends with the first await of a method.

const FREE = { asyncContext: false, logger: false } as const
const names = g as Globals & { name?: string; all?: string[] }
const nameIn = (ctx: Context) => (ctx.g as typeof names).name

describe('until the first await', () => {
  let seen: string[]
  beforeEach(() => {
    seen = []
  })
  const look = (place: string) => seen.push(`${place} ${names.name}`)

  /** Each method looks at `g` in its synchronous part, and then waits. */
  class Waiting {
    @BeforeFirstRequest async first() {
      look('first')
      await tick()
    }
    @UrlValuePreprocessor async values() {
      names.name = String(request.query.name)
      look('values')
      await tick()
    }
    @BeforeRequest async before() {
      look('before')
      await tick()
    }
    @BeforeRequest async before2() {
      look('before 2')
      await tick()
    }
    @Get('/') async index() {
      look('view')
      afterThisRequest(async response => {
        look('afterThis')
        await tick()
        return response
      })
      await tick()
      return 'index'
    }
    @Get('/fail') async fail(): Promise<string> {
      await tick()
      throw new RangeError('no')
    }
    @ErrorHandler(RangeError) async handler() {
      look('handler')
      const answer = makeResponse(urlFor('index'), 409)
      await tick()
      return answer
    }
    @AfterRequest async after(response: Response) {
      look('after')
      await tick()
      return response
    }
    @TeardownRequest async teardown() {
      look('teardown')
      await tick()
    }
    @TeardownRequest teardown0() {
      look('teardown 0')
    }
    @TeardownAppContext async teardownApp() {
      look('app')
      await tick()
    }
    @AfterResponse async done() {
      look('done')
      await tick()
    }
    @AfterResponse done2() {
      look('done 2')
    }
  }

  test('each method of a request has its context, also behind a method that waits', () =>
    serve(bootstrap(Waiting, FREE), async url => {
      expect((await ask(`${url}/?name=Ada`)).text).toBe('index')
      await until('the last method has run', () => seen.includes('done 2 Ada') || seen.includes('done Ada'))
      await tick()
      const places = 'first, values, before, before 2, view, after, afterThis, teardown 0, teardown, app'
      expect(seen.filter(entry => !entry.startsWith('done')).sort()).toEqual(
        places
          .split(', ')
          .map(place => `${place} ${place === 'first' ? 'undefined' : 'Ada'}`)
          .sort(),
      )
      expect(seen.filter(entry => entry.startsWith('done')).sort()).toEqual(['done 2 Ada', 'done Ada'])
    }))

  test('an error handler has it', () =>
    serve(bootstrap(Waiting, FREE), async url => {
      const answer = await ask(`${url}/fail?name=Ada`)
      expect([answer.status, answer.text]).toEqual([409, '/'])
      expect(seen).toContain('handler Ada')
    }))

  test('the methods after a deadline have it', async () => {
    const never = new Promise<string>(() => undefined)
    class App {
      @Get('/') index() {
        names.name = 'Ada'
        return never
      }
      @ErrorHandler(503) async late() {
        look('handler')
        await tick()
        return 'late'
      }
      @TeardownRequest teardown() {
        look('teardown')
      }
    }
    await serve(bootstrap(App, { ...FREE, requestTimeout: 20 }), async url => {
      expect((await ask(url)).text).toBe('late')
      await until('teardown has run', () => seen.length === 2)
    })
    expect(seen).toEqual(['handler Ada', 'teardown Ada'])
  })

  test('a stream has it in each of its steps', async () => {
    class App {
      @Get('/') index() {
        names.name = 'Ada'
        return streamWithContext(async function* () {
          try {
            yield `${names.name} `
            yield `${names.name} `
            await tick()
            yield `${hasRequestContext()}`
          } finally {
            look('end')
          }
        })
      }
      @TeardownRequest async teardown() {
        look('teardown')
        await tick()
      }
    }
    await serve(bootstrap(App, FREE), async url => {
      expect((await ask(url)).text).toBe('Ada Ada false')
      await until('teardown has run', () => seen.length === 2)
    })
    expect(seen).toEqual(['end Ada', 'teardown Ada'])
  })
})

describe('after it', () => {
  const LIMIT =
    'With asyncContext: false that ends with the first await of a method: use ctx.g, ctx.session and ctx.request after it, ' +
    "or withRequestContext(ctx, () => urlFor('index'))."

  test.each<[string, () => unknown]>([
    ['g', () => names.name],
    ['session', () => session.isNew],
    ['request', () => request.path],
    ['currentContext()', () => currentContext()],
    ['currentApp()', () => currentApp()],
    ['urlFor()', () => urlFor('index')],
    ['makeResponse()', () => makeResponse('')],
    ['redirect()', () => redirect('/')],
    [
      'flash()',
      () => {
        flash('hello')
      },
    ],
    ['getFlashedMessages()', () => getFlashedMessages()],
    [
      'afterThisRequest()',
      () => {
        afterThisRequest(response => response)
      },
    ],
    ['streamWithContext()', () => streamWithContext([])],
  ])('%s says why it does not work, and works by withRequestContext', async (name, use) => {
    let error: unknown
    class App {
      @Get('/') async index(ctx: Context) {
        await tick()
        try {
          use()
        } catch (thrown) {
          error = thrown
        }
        return withRequestContext(ctx, use) === ctx.response ? ctx.response : ''
      }
    }
    expect((await clientOf(App, { ...FREE, testing: true }).get('/')).status).toBeLessThan(400)
    expect((error as Error).message).toBe(
      `${name} was used outside of a request. It belongs to one request, so it works in the methods of a controller and in ` +
        `what they call. ${LIMIT}`,
    )
  })

  test('ctx.g, ctx.session and ctx.request are there, in all methods', async () => {
    const seen: unknown[] = []
    const look = async (ctx: Context) => {
      await tick()
      seen.push([nameIn(ctx), (ctx.session as { user?: string }).user, ctx.request.query.name, hasRequestContext()])
    }
    class App {
      @BeforeRequest before(ctx: Context) {
        ;(ctx.g as typeof names).name = 'Ada'
        ctx.session = { user: 'Ada' } as object
        return look(ctx)
      }
      @Get('/') async index(ctx: Context) {
        await look(ctx)
        return ''
      }
      @AfterRequest async after(response: Response, ctx: Context) {
        await look(ctx)
        return response
      }
      @TeardownRequest async teardown(_: unknown, ctx: Context) {
        await look(ctx)
      }
      @AfterResponse async done(_: unknown, ctx: Context) {
        await look(ctx)
      }
    }
    await clientOf(App, FREE).get('/?name=Ada')
    await until('all methods have run', () => seen.length === 5)
    expect(seen).toEqual(Array(5).fill(['Ada', 'Ada', 'Ada', false]))
  })

  test('a request never sees the values of another', async () => {
    const gates = { a: new Gate(), b: new Gate() }
    const seen: unknown[] = []
    class App {
      @BeforeRequest before(ctx: Context) {
        names.name = String(ctx.query.name)
      }
      @Get('/') async index(ctx: Context) {
        const name = names.name as 'a' | 'b'
        await gates[name].pass()
        seen.push([name, nameIn(ctx), hasRequestContext()])
        return name
      }
      @Get('/sync') sync() {
        return names.name as string
      }
      @AfterRequest after(response: Response) {
        seen.push(names.name)
        return response
      }
    }
    await serve(bootstrap(App, FREE), async url => {
      const a = ask(`${url}/?name=a`)
      await gates.a.reached
      const b = ask(`${url}/?name=b`)
      await gates.b.reached
      expect((await ask(`${url}/sync?name=c`)).text).toBe('c')
      gates.a.open()
      expect((await a).text).toBe('a')
      gates.b.open()
      expect((await b).text).toBe('b')
    })
    expect(seen).toEqual(['c', ['a', 'a', false], 'a', ['b', 'b', false], 'b'])
  })
})

describe('the other functions', () => {
  test('ctx.g before the lifecycle says where it is', async () => {
    class App {
      @Get('/') index(ctx: Context) {
        return ctx.g
      }
    }
    let error: unknown
    const early: Koa.Middleware = (ctx, next) => {
      try {
        expect((ctx as Context).g).toBe(undefined)
      } catch (thrown) {
        error = thrown
      }
      return next()
    }
    expect((await clientOf(App, { middleware: [early] }).get('/')).json()).toEqual({})
    expect((error as Error).message).toMatch(/^ctx\.g was used outside of a request\..*use ctx\.state there\.$/)
  })

  test('nor has it the g or the session of a request that sends another one to its application', async () => {
    const seen: unknown[] = []
    const early: Koa.Middleware = (ctx, next) => {
      if (ctx.path !== '/inner') return next()
      for (const read of [() => nameIn(ctx as Context), () => ctx.session]) {
        try {
          seen.push(read())
        } catch (error) {
          seen.push((error as Error).message.split(':')[0])
        }
      }
      return next()
    }
    class App {
      @Get('/') async index() {
        names.name = 'outer'
        return (await testClient(app).get('/inner')).text
      }
      @Get('/inner') inner() {
        return String(names.name)
      }
    }
    const app = bootstrap(App, { middleware: [early], logger: false, secretKey: 'secret' })
    expect((await testClient(app).get('/')).text).toBe('undefined')
    expect(seen).toEqual([expect.stringMatching(/^ctx\.g was used/), expect.stringMatching(/^ctx\.session was used/)])
  })

  test('other middleware may have a property g of its own', async () => {
    class App {
      @Get('/') index(ctx: Context) {
        return ctx.g
      }
    }
    const own: Koa.Middleware = (ctx, next) => {
      ctx.g = { own: true }
      return next()
    }
    expect((await clientOf(App, { middleware: [own] }).get('/')).json()).toEqual({ own: true })
    const app = koaOf()
    Object.assign(app.context, { g: 'all' })
    app.use(lifecycle(App))
    await serve(app, async url => {
      expect((await ask(url)).text).toBe('all')
    })
  })

  test.each([true, false])('withRequestContext with asyncContext: %s', async asyncContext => {
    let kept: Context | undefined
    class App {
      @Get('/') async index(ctx: Context) {
        kept = ctx
        names.name = 'Ada'
        const inside = withRequestContext(ctx, () => names.name)
        await tick()
        return [inside, withRequestContext(ctx, () => names.name), withRequestContext(ctx, () => urlFor('index'))]
      }
    }
    expect((await clientOf(App, { ...FREE, asyncContext }).get('/')).json()).toEqual(['Ada', 'Ada', '/'])
    // In a listener, also when the request has ended.
    expect(withRequestContext(kept as Context, () => names.name)).toBe('Ada')
    expect(() =>
      withRequestContext(kept as Context, () => {
        throw new RangeError('mine')
      }),
    ).toThrow(RangeError)
    expect(hasRequestContext()).toBe(false)
  })

  test.each([undefined, null, { path: '/' }, '/'])('withRequestContext refuses %p', ctx => {
    expect(() => withRequestContext(ctx as unknown as Context, () => 1)).toThrow(
      /^withRequestContext\(ctx, fn\): expected the ctx of a request that has come to the lifecycle, not /,
    )
  })

  test('withRequestContext refuses what is no function', () => {
    expect(() => withRequestContext({} as Context, 'index' as never)).toThrow(
      "withRequestContext(ctx, () => urlFor('index')): the last argument must be a function, not",
    )
  })

  test('withAppContext and testRequestContext have their context until the first await, and for teardown', async () => {
    const seen: unknown[] = []
    class App {
      @Get('/') index() {
        return ''
      }
      @TeardownAppContext async teardown() {
        seen.push(names.name)
        await tick()
      }
      @TeardownAppContext teardown0() {
        seen.push(names.name)
      }
    }
    const app = bootstrap(App, { ...FREE, baseUrl: 'https://example.com' })
    const look = async () => {
      names.name = urlFor('index')
      await tick()
      return hasRequestContext()
    }
    expect(await withAppContext(app, look)).toBe(false)
    expect(await testRequestContext(app, '/', look)).toBe(false)
    expect(seen).toEqual(['https://example.com/', 'https://example.com/', '/', '/'])
  })
})

test('lifecycles one after the other have their own values', async () => {
  class First {
    @Get('/') index(ctx: Context) {
      ;(ctx.g as typeof names).name = 'first'
      return 'first'
    }
  }
  class Second {
    @Get('/') index(ctx: Context) {
      return `${nameIn(ctx)} after ${String(ctx.body)}`
    }
  }
  const [first, second] = [First, Second].map(each => lifecycle(each, { asyncContext: false })) as [
    Koa.Middleware,
    Koa.Middleware,
  ]
  const app = koaOf(async (ctx, next) => {
    await first(ctx, next)
    const { body } = ctx
    await second(ctx, next)
    ctx.body = `${String(body)}, ${String(ctx.body)}`
  })
  await serve(app, async url => {
    expect((await ask(url)).text).toMatch(/^first, undefined after /)
  })
})

// An outer lifecycle lets the inner one answer, in the same application.
describe.each([
  [true, true],
  [true, false],
  [false, true],
  [false, false],
])('a lifecycle with asyncContext: %s around one with %s', (outer, inner) => {
  const seen: unknown[] = []
  beforeEach(() => {
    seen.length = 0
  })
  const nameNow = () => (hasRequestContext() ? names.name : undefined)
  class Outer {
    @BeforeRequest async before(ctx: Context) {
      names.name = 'outer'
      ;(ctx.session as { user?: string }).user = 'Ada'
      await tick()
      seen.push(['outer', nameNow(), nameIn(ctx)])
    }
    @AfterRequest async after(response: Response, ctx: Context) {
      seen.push(['outer', nameNow(), nameIn(ctx)])
      await tick()
      seen.push(['outer', nameNow(), nameIn(ctx)])
      return response
    }
  }
  class Inner {
    @Get('/inner') async index(ctx: Context) {
      names.name = 'inner'
      seen.push(['inner', nameNow(), nameIn(ctx)])
      await tick()
      seen.push(['inner', nameNow(), nameIn(ctx)])
      return (ctx.session as { user?: string }).user ?? 'nobody'
    }
  }

  const waiting: Koa.Middleware = async (_, next) => {
    await tick()
    await next()
  }
  test.each([
    ['one that waits', waiting],
    ['one that does not', (_: Koa.Context, next: Koa.Next) => next()],
  ])('neither sees the values of the other, and they share the session, behind %s', async (_, between) => {
    const app = koaOf(
      lifecycle(Outer, { asyncContext: outer, secretKey: 'secret' }),
      between,
      lifecycle(Inner, { asyncContext: inner }),
    )
    await serve(app, async url => {
      expect((await ask(`${url}/inner`)).text).toBe('Ada')
    })
    // A lifecycle inside of one that keeps its context keeps it as well.
    const outerLater = outer ? 'outer' : undefined
    const innerLater = outer || inner ? 'inner' : undefined
    expect(seen).toEqual([
      ['outer', outerLater, 'outer'],
      ['inner', 'inner', 'inner'],
      ['inner', innerLater, 'inner'],
      ['outer', 'outer', 'outer'],
      ['outer', outerLater, 'outer'],
    ])
  })
})
