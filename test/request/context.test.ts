import { EventEmitter } from 'node:events'
import { setImmediate as tick, setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import {
  AfterRequest,
  BeforeRequest,
  Get,
  Route,
  TeardownRequest,
  abort,
  afterThisRequest,
  bootstrap,
  currentContext,
  g,
  hasRequestContext,
  makeResponse,
  redirect,
  request,
  session,
  streamWithContext,
  urlFor,
  type Context,
  type Response,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import type Koa from 'koa'
import { clientOf } from '../support/client'
import { Gate } from '../support/gate'
import { patience } from '../support/pace'
import { contentOf, sessionCookie } from '../support/session'

/** What `look` saw in the view of a request that came with `?name=Ada` and a session. */
async function inView<T>(look: (ctx: Context) => T): Promise<T> {
  let seen: { value: T } | undefined
  class App {
    @Route('/')
    index(ctx: Context) {
      seen = { value: look(ctx) }
      return ''
    }
  }
  const client = clientOf(App, { testing: true })
  await client.session(stored => {
    stored.name = 'Ada'
  })
  await client.get('/?name=Ada')
  return (seen as { value: T }).value
}

describe('one request', () => {
  test('[14.1] g is one object from the first before method to teardown', async () => {
    const log: unknown[] = []
    class App {
      @BeforeRequest
      before() {
        log.push(g.name)
        g.name = 'Ada'
      }
      @Route('/')
      index() {
        log.push(g.name)
        return ''
      }
      @AfterRequest
      after(response: Response) {
        log.push(g.name)
        return response
      }
      @TeardownRequest
      teardown() {
        log.push(g.name)
      }
    }
    const client = clientOf(App)
    await client.get('/')
    await client.get('/')
    expect(log).toEqual([undefined, 'Ada', 'Ada', 'Ada', undefined, 'Ada', 'Ada', 'Ada'])
  })

  test('request and currentContext() are the Koa objects that a method is given', async () => {
    const seen = await inView(ctx => [
      currentContext() === ctx,
      request.ctx === ctx,
      request.query.name,
      request.method,
      request.get('Host'),
    ])
    expect(seen).toEqual([true, true, 'Ada', 'GET', 'localhost'])
  })

  test('ctx.session is session', async () => {
    expect(await inView(ctx => [ctx.session === ctx.session, ctx.session.name, session.name])).toEqual([
      true,
      'Ada',
      'Ada',
    ])
  })

  test('[14.3] work that a view starts keeps its context across every kind of wait', async () => {
    const log: unknown[] = []
    const emitter = new EventEmitter()
    class App {
      @Route('/')
      async index() {
        g.name = 'Ada'
        const done = new Promise<void>(resolve => emitter.once('done', resolve))
        setTimeout(() => {
          log.push(['timer', g.name])
          queueMicrotask(() => {
            log.push(['microtask', g.name])
            process.nextTick(() => {
              log.push(['nextTick', g.name])
              emitter.emit('done')
            })
          })
        })
        await done
        return ''
      }
    }
    await clientOf(App).get('/')
    expect(log).toEqual([
      ['timer', 'Ada'],
      ['microtask', 'Ada'],
      ['nextTick', 'Ada'],
    ])
  })

  test('[14.3] work that outlives its request still has the request it came from', async () => {
    let later: Promise<unknown> | undefined
    const gate = new Gate()
    class App {
      @Route('/')
      index() {
        g.name = request.query.name as string
        later ??= gate.pass().then(() => [g.name, request.query.name, session.name])
        return ''
      }
    }
    const client = clientOf(App)
    await client.get('/?name=Ada')
    await client.get('/?name=Bob')
    gate.open()
    expect(await later).toEqual(['Ada', 'Ada', undefined])
  })
})

describe('many requests', () => {
  test(
    '[14.1, 14.2] 1,000 interleaved requests each see their own g, session, request and context',
    async () => {
      let inside = 0
      let most = 0
      class App {
        @BeforeRequest
        async before(ctx: Context) {
          most = Math.max(most, ++inside)
          expect(Object.keys(g)).toEqual([])
          g.name = session.name = ctx.query.id as string
          await tick()
        }
        @Get('/<int:id>')
        async show({ id }: { id: number }) {
          for (let turn = 0; turn < id % 5; turn++) await tick()
          return [g.name, session.name, request.query.id, currentContext().query.id, id]
        }
        @AfterRequest
        async after(response: Response) {
          await sleep(Number(g.name) % 3)
          response.set('X-Ids', [g.name, session.name, request.query.id].join())
          return response
        }
        @TeardownRequest
        async teardown(_: unknown, ctx: Context) {
          await tick()
          expect([g.name, session.name]).toEqual([ctx.query.id, ctx.query.id])
          inside--
        }
      }
      const app = bootstrap(App, { secretKey: 'secret', testing: true })
      const ids = Array.from({ length: 1000 }, (_, id) => String(id))
      const answers = await Promise.all(
        ids.map(async id => {
          const response = await testClient(app).get(`/${id}?id=${id}`)
          return [...response.json<unknown[]>(), response.header('X-Ids'), contentOf(sessionCookie(response))]
        }),
      )
      expect(answers).toEqual(
        ids.map(id => [id, id, id, id, Number(id), `${id},${id},${id}`, expect.objectContaining({ name: id })]),
      )
      expect(most).toBeGreaterThan(100)
      expect(inside).toBe(0)
    },
    patience(6000),
  )

  test('[14.2] a request made inside of a request has a context of its own', async () => {
    class Inner {
      @Route('/')
      index() {
        const before = Object.keys(g)
        g.name = 'inner'
        return before
      }
    }
    const inner = clientOf(Inner)
    class Outer {
      @Route('/')
      async index() {
        g.name = 'outer'
        const response = await inner.get('/')
        return [response.json(), g.name]
      }
    }
    expect((await clientOf(Outer).get('/')).json()).toEqual([[], 'outer'])
  })
})

describe('outside of a request', () => {
  test.each<[string, () => unknown]>([
    ['g', () => g.name],
    ['session', () => session.name],
    ['request', () => request.path],
    ['currentContext()', () => currentContext()],
    ['afterThisRequest()', () => afterThisRequest(response => response)],
    ['makeResponse()', () => makeResponse('')],
    ['redirect()', () => redirect('/')],
    ['urlFor()', () => urlFor('index')],
    ['streamWithContext()', () => streamWithContext([])],
  ])('%s says so, and what to do', (name, use) => {
    expect(use).toThrow(`${name} was used outside of a request.`)
    expect(use).toThrow('gets what it needs as an argument')
  })

  test.each<[string, () => unknown]>([
    ['a write', () => (g.name = 'Ada')],
    ['in', () => 'name' in g],
    ['delete', () => delete g.name],
    ['Object.keys', () => Object.keys(g)],
    ['a spread', () => ({ ...g })],
    ['JSON.stringify', () => JSON.stringify(g)],
    ['defineProperty', () => Object.defineProperty(g, 'name', { value: 'Ada' })],
    ['getOwnPropertyDescriptor', () => Object.getOwnPropertyDescriptor(g, 'name')],
    ['instanceof', () => g instanceof Object],
  ])('%s is refused as well', (_, use) => {
    expect(use).toThrow('g was used outside of a request.')
  })

  test('console.log does not throw', () => {
    expect([inspect(g), inspect(session), inspect(request)]).toEqual([
      '[g outside of a request]',
      '[session outside of a request]',
      '[request outside of a request]',
    ])
  })

  test('middleware around the lifecycle is outside as well, before and after it', async () => {
    const seen: unknown[] = []
    class App {
      @Route('/')
      index() {
        seen.push(hasRequestContext())
        return ''
      }
    }
    const around: Koa.Middleware = async (_, next) => {
      seen.push(hasRequestContext())
      await next()
      seen.push(hasRequestContext())
      expect(() => g.name).toThrow('g was used outside of a request')
    }
    await clientOf(App, { middleware: [around], testing: true }).get('/')
    expect(seen).toEqual([false, true, false])
  })

  test('abort needs no request', () => {
    expect(() => abort(404)).toThrow('Not Found')
  })
})

describe('g, session and request behave like the objects they represent', () => {
  test('in, delete, keys, entries, spread and JSON', async () => {
    const seen = await inView(() => {
      g.name = 'Ada'
      g.count = 1
      const before = ['name' in g, 'toString' in g, Object.keys(g), Object.entries(g), { ...g }, JSON.stringify(g)]
      delete g.count
      return [...before, 'count' in g, g.count, Object.hasOwn(g, 'name'), Object.assign({}, g), typeof g]
    })
    expect(seen).toEqual([
      ...[true, false, ['name', 'count'], Object.entries({ name: 'Ada', count: 1 }), { name: 'Ada', count: 1 }],
      ...['{"name":"Ada","count":1}', false, undefined, true, { name: 'Ada' }, 'object'],
    ])
  })

  test('the same for session, which shows its data and not its controls', async () => {
    const seen = await inView(() => {
      session.count = 1
      const before = [
        'name' in session,
        'other' in session,
        Object.keys(session),
        { ...session },
        JSON.stringify(session),
      ]
      delete session.name
      return [...before, 'name' in session, Object.entries(session)]
    })
    expect(seen).toEqual([
      ...[true, false, ['name', 'count'], { name: 'Ada', count: 1 }, '{"name":"Ada","count":1}'],
      ...[false, [['count', 1]]],
    ])
  })

  test('request can be written and called as in Koa', async () => {
    const seen = await inView(ctx => {
      request.path = '/other'
      return [
        ctx.path,
        'query' in request,
        request.is('json'),
        request.accepts('html'),
        JSON.parse(JSON.stringify(request)) as unknown,
      ]
    })
    expect(seen).toEqual(['/other', true, null, 'html', expect.objectContaining({ method: 'GET' })])
  })

  test('console.log shows the values', async () => {
    const seen = await inView(() => {
      g.name = 'Ada'
      return [inspect(g), inspect(session), inspect(request), inspect({ g })]
    })
    expect(seen).toEqual([
      "g { name: 'Ada' }",
      expect.stringContaining("{ name: 'Ada' }"),
      expect.stringContaining("url: '/?name=Ada'"),
      "{ g: g { name: 'Ada' } }",
    ])
  })

  test('a property may be defined, also one that does not change', async () => {
    const seen = await inView(() => {
      Object.defineProperty(g, 'name', { get: () => 'defined', enumerable: true })
      return [g.name, Object.getOwnPropertyDescriptor(g, 'name')?.enumerable, Object.keys(g)]
    })
    expect(seen).toEqual(['defined', true, ['name']])
  })

  test('g has no inherited names, so any can be used', async () => {
    const seen = await inView(() => {
      Object.assign(g, { constructor: 1, __proto__: 2, toString: 3 })
      return [Object.getPrototypeOf(g) as unknown, { ...g }]
    })
    expect(seen).toEqual([null, { constructor: 1, toString: 3 }])
  })

  test('are texts like other objects, in a template too', async () => {
    const template = (value: object) => value.toString() // as Nunjucks does for `{{ value }}`
    const seen = await inView(() => [String(g), String(session), [g, session, request].map(template)])
    expect(seen).toEqual(['[object Object]', '[object Object]', Array(3).fill('[object Object]')])
  })

  test('freezing g throws and does not affect later requests', async () => {
    await expect(inView(() => Object.freeze(g))).rejects.toThrow(TypeError)
    expect(
      await inView(() => {
        g.name = 'Ada'
        return Object.keys(g)
      }),
    ).toEqual(['name'])
  })
})
