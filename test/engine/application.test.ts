import { AsyncLocalStorage } from 'node:async_hooks'
import { EventEmitter } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import createError from 'http-errors'
import Koa from 'koa'
import compose from 'koa-compose'
import { Get, bootstrap } from 'flaskoa'
import { Application } from '../../src/engine/application'
import { get, same, sameWith } from '../support/same'

class App {
  @Get('/lifecycle')
  view() {
    return 'lifecycle'
  }
}

const serverOf = (callback: ReturnType<Koa['callback']>) => createServer((req, res) => void callback(req, res))

const made: [string, (options?: object) => Koa][] = [
  ['Koa', options => new Koa(options)],
  ['engine', options => new Application(options)],
  ['bootstrap', options => bootstrap(App, { ...(options && { koa: options }), logger: false })],
]

describe.each(made)('an application of %s', (_, make) => {
  test('is a Koa, and an event emitter', () => {
    const app = make()
    expect([app instanceof Koa, app instanceof EventEmitter]).toEqual([true, true])
    expect([app.on('x', () => {}) === app, app.emit('x'), app.listenerCount('x')]).toEqual([true, true, 1])
  })

  test('has its defaults', () => {
    const { env, keys, proxy, subdomainOffset, proxyIpHeader, maxIpsCount, silent } = make()
    expect([env, keys, proxy, subdomainOffset, proxyIpHeader, maxIpsCount, silent]).toEqual([
      ...['test', undefined, false, 2, 'X-Forwarded-For', 0, undefined],
    ])
  })

  test('has what it is given', () => {
    const options = { env: 'x', keys: ['k'], proxy: true, subdomainOffset: 3, proxyIpHeader: 'X-A', maxIpsCount: 4 }
    expect(make(options)).toMatchObject(options)
  })

  test('takes env from NODE_ENV', () => {
    const { NODE_ENV } = process.env
    try {
      process.env.NODE_ENV = 'staging'
      expect(make().env).toBe('staging')
      process.env.NODE_ENV = ''
      expect(make().env).toBe('development')
    } finally {
      process.env.NODE_ENV = NODE_ENV
    }
  })

  test('toJSON and inspect show env, proxy and subdomainOffset', () => {
    const app = make({ env: 'x' })
    const expected = { subdomainOffset: 2, proxy: false, env: 'x' }
    expect([app.toJSON(), app.inspect(), JSON.parse(JSON.stringify(app))]).toEqual([expected, expected, expected])
    expect(inspect(app)).toBe("{ subdomainOffset: 2, proxy: false, env: 'x' }")
  })

  test('use gives the application back, and takes functions only', () => {
    const app = make()
    const before = app.middleware.length
    expect(app.use(() => {})).toBe(app)
    expect(app.middleware).toHaveLength(before + 1)
    for (const bad of [null, undefined, 5, 'text', {}, []])
      expect(() => app.use(bad as Koa.Middleware)).toThrow(new TypeError('middleware must be a function!'))
  })

  test('callback throws unless middleware is a list of functions', () => {
    const app = make()
    app.middleware = 'text' as never
    expect(() => app.callback()).toThrow('Middleware stack must be an array!')
    app.middleware = [5] as never
    expect(() => app.callback()).toThrow('Middleware must be composed of functions!')
  })

  test('callback is a function of two arguments', () => {
    const callback = make().callback()
    expect([typeof callback, callback.length]).toEqual(['function', 2])
  })

  test('context, request and response are objects of its own', () => {
    const [app, other] = [make(), make()]
    expect(app.context).not.toBe(other.context)
    expect(Object.getPrototypeOf(app.context)).toBe(Object.getPrototypeOf(other.context))
    expect(Object.keys(app.context).filter(name => name !== 'onerror')).toEqual([]) // `bootstrap` has its own
    expect([typeof app.context.throw, typeof app.request.get, typeof app.response.set]).toEqual([
      ...['function', 'function', 'function'],
    ])
  })

  test('listen takes what servers take', async () => {
    for (const args of [[0], [0, '127.0.0.1'], [{ port: 0 }], [0, undefined, 10]] as [number][]) {
      await new Promise<void>(resolve => {
        const server = make().listen(...args)
        server.once('listening', () => server.close(() => resolve()))
      })
    }
    await new Promise<void>(resolve => {
      const server = make().listen(0, () => server.close(() => resolve()))
    })
  })
})

describe.each<[string, typeof Koa]>([
  ['Koa', Koa],
  ['engine', Application as unknown as typeof Koa],
])('the class: %s', (_, Kind) => {
  const { HttpError, createHttpError, isHttpError } = Kind as unknown as Record<string, unknown>

  test('has what Koa’s class has', () => {
    expect([HttpError, createHttpError, isHttpError]).toEqual([
      createError.HttpError,
      createError,
      createError.isHttpError,
    ])
    expect((Kind as unknown as { default: unknown }).default).toBe(Kind)
    expect(Kind.name).toBe('Application')
  })

  test('can be extended', async () => {
    class Own extends Kind {
      greeting = 'hello'
      override onerror() {}
    }
    const app = new Own()
    expect([app instanceof Own, app instanceof Kind, app instanceof Koa, app.greeting]).toEqual([
      true,
      true,
      true,
      'hello',
    ])
  })

  test('makes a context for a request by itself', () => {
    const app = new Kind()
    const req = { headers: { host: 'a' }, url: '/path?q', method: 'GET', socket: {} } as unknown as IncomingMessage
    const fields = new Map<string, unknown>()
    const res = {
      getHeader: (name: string) => fields.get(name),
      setHeader: (name: string, value: unknown) => fields.set(name, value),
      hasHeader: (name: string) => fields.has(name),
      removeHeader: (name: string) => fields.delete(name),
      getHeaders: () => Object.fromEntries(fields),
    } as unknown as ServerResponse
    const ctx = app.createContext(req, res)
    expect([ctx.req === req, ctx.res === res, ctx.app === app, ctx.path, ctx.querystring]).toEqual([
      true,
      true,
      true,
      '/path',
      'q',
    ])
    ctx.body = { a: 1 }
    expect([ctx.status, ctx.response.get('Content-Type')]).toEqual([200, 'application/json; charset=utf-8'])
  })

  test('answers by a promise of its callback', async () => {
    const app = new Kind()
    app.use(async ctx => {
      await new Promise(setImmediate)
      ctx.body = 'x'
    })
    const callback = app.callback()
    const returned: unknown[] = []
    const server = createServer((req, res) => {
      const result: unknown = callback(req, res)
      returned.push(result instanceof Promise)
      void Promise.resolve(result).then(() => returned.push(res.writableEnded))
    }).listen(0)
    const { port } = server.address() as AddressInfo
    await (await fetch(`http://127.0.0.1:${port}`)).text()
    await new Promise(resolve => server.close(resolve))
    expect(returned).toEqual([true, true])
  })

  test('answers by a promise also when no middleware is asynchronous', async () => {
    const callback = new Kind().use(ctx => void (ctx.body = 'x')).callback()
    const returned: boolean[] = []
    const server = createServer((req, res) => {
      const result: unknown = callback(req, res)
      returned.push(typeof (result as { then?: unknown } | undefined)?.then === 'function')
    }).listen(0)
    const { port } = server.address() as AddressInfo
    await (await fetch(`http://127.0.0.1:${port}`)).text()
    await new Promise(resolve => server.close(resolve))
    expect(returned).toEqual([true])
  })

  test.each<[string, Koa.Middleware]>([
    ['later', () => Promise.reject(new Error('first'))],
    [
      'at once',
      () => {
        throw new Error('first')
      },
    ],
  ])(
    'an error of an error listener is a rejection of the callback, when the middleware fails %s',
    async (_, middleware) => {
      const app = new Kind().use(middleware)
      app.on('error', () => {
        throw new Error('second')
      })
      const callback = app.callback()
      const outcomes: string[] = []
      const server = createServer((req, res) => {
        try {
          const answered = callback(req, res) as unknown as Promise<void> | undefined
          answered?.catch((error: unknown) => outcomes.push(`rejected: ${(error as Error).message}`))
        } catch (error) {
          outcomes.push(`thrown: ${(error as Error).message}`)
        }
        setImmediate(() => res.end())
      }).listen(0)
      const { port } = server.address() as AddressInfo
      await (await fetch(`http://127.0.0.1:${port}`)).text()
      await new Promise(resolve => server.close(resolve))
      expect(outcomes).toEqual(['rejected: second'])
    },
  )
})

describe('middleware', () => {
  test('run inwards and outwards, in their order', async () => {
    const { notes } = await same((app, note) => {
      for (const name of ['a', 'b'])
        app.use(async (_, next) => {
          note(`${name} in`)
          const value: unknown = await next()
          note(`${name} out`, value)
          return name
        })
      app.use(ctx => void (ctx.body = 'end'))
    })
    expect(notes).toEqual(['a in', 'b in', 'b out', undefined, 'a out', 'b'])
  })

  const twice: Koa.Middleware = async (_, next) => {
    await next()
    await next()
  }

  test.each<[string, Koa.Middleware[]]>([
    ['one', [(_, next) => next().then(() => next())]],
    ['one, at once', [twice]],
    ['two', [(_, next) => next(), twice]],
  ])('next may be called once only: %s', async (_, middleware) => {
    const { reported } = await same(app => [...middleware, () => {}].forEach(each => app.use(each)))
    expect(reported).toEqual(['Error next() called multiple times on /'])
  })

  test('one alone may call next, once', async () => {
    const { reported, notes } = await same((app, note) =>
      app.use(async (ctx, next) => {
        note(typeof next, next.length)
        if (ctx.app.middleware.length === 1) note(await next(), await outcomeOf(next))
        else note(undefined, 'Error: next() called multiple times')
        ctx.body = 'x'
      }),
    )
    expect([reported, notes[3]]).toEqual([[], 'Error: next() called multiple times'])
  })

  const outcomeOf = (act: () => Promise<unknown>) => act().catch((error: unknown) => String(error))

  test.each([
    ['a value', 'text'],
    ['a promise', Promise.resolve('text')],
    ['a thenable', { then: (done: (value: string) => void) => done('text') }],
    ['an object', { a: 1 }],
    ['false', false],
  ])('what they return is nothing to Koa: %s', async (_, value) => {
    const { short } = await same(app => app.use(() => value))
    expect(short[0]).toMatch(/^404 Not Found/)
  })

  test('are those added before the server was created', async () => {
    const { short } = await same(
      app => {
        app.callback()
        app.use(ctx => {
          app.middleware.length = 0
          app.use(each => void (each.body = 'late'))
          ctx.body = 'first'
        })
      },
      get('/'),
      get('/'),
    )
    expect(short.map(each => each.split(' | ').at(-1))).toEqual(['first', 'first'])
  })

  test.each<[string, (act: () => void) => unknown]>([
    ['in the next tick', process.nextTick],
    ['in a microtask', act => void Promise.resolve().then(act)],
    ['when it is too late', setImmediate],
  ])('that do something %s, and say nothing of it', async (name, later) => {
    const { short } = await same(app => app.use(ctx => void later(() => (ctx.body = 'x'))))
    expect(short[0]?.slice(0, 3)).toBe(name === 'when it is too late' ? '404' : '200')
  })

  test('without middleware, the response is a 404', async () => {
    for (const [, make] of made.slice(0, 2)) {
      const server = serverOf(make().callback()).listen(0)
      const { port } = server.address() as AddressInfo
      const response = await fetch(`http://127.0.0.1:${port}`)
      expect([response.status, await response.text()]).toEqual([404, 'Not Found'])
      server.close()
    }
  })

  test('are composed by the option compose', async () => {
    const own = (middleware: Koa.Middleware[]) => {
      const run = compose(middleware)
      return async (ctx: Koa.Context) => {
        ctx.set('X-Composed', String(middleware.length > 0))
        await run(ctx)
      }
    }
    const { wire, notes } = await sameWith({ compose: own } as object, (app, note) => {
      note((app as unknown as { compose: unknown }).compose === own)
      app.use(ctx => void (ctx.body = 'x'))
    })
    expect([notes, wire[0]]).toEqual([[true], expect.stringContaining('X-Composed: true')])
  })

  test('of another application', async () => {
    const { short } = await same(app => {
      const inner = new Koa().use(ctx => void (ctx.body = `inner ${ctx.path}`))
      app.use(compose(inner.middleware))
    })
    expect(short[0]).toMatch(/inner \/$/)
  })
})

test('one application on several servers', async () => {
  for (const [, make] of made) {
    const app = make()
    app.middleware.unshift(ctx => void (ctx.body = String(ctx.req.socket.localPort)))
    const servers = [serverOf(app.callback()), serverOf(app.callback())].map(each => each.listen(0))
    for (const server of [...servers, app.listen(0)]) {
      const { port } = server.address() as AddressInfo
      expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe(String(port))
      server.close()
    }
    expect(app.listenerCount('error')).toBe(1)
  }
})

describe('asyncLocalStorage', () => {
  test.each([true, new AsyncLocalStorage<Koa.Context>()])('%s', async asyncLocalStorage => {
    const { notes } = await sameWith({ asyncLocalStorage }, (app, note) => {
      note(app.currentContext)
      app.use(async (ctx, next) => {
        note(app.currentContext === ctx)
        await next()
        note(app.currentContext === ctx)
      })
      app.use(async ctx => {
        await new Promise(setImmediate)
        note(app.currentContext === ctx)
        ctx.res.once('finish', () => note(app.currentContext === ctx))
        ctx.body = 'x'
      })
    })
    expect(notes).toEqual([undefined, true, true, true, true])
  })

  test('none', async () => {
    const { notes } = await same((app, note) => {
      note('ctxStorage' in app)
      app.use(ctx => (note(app.currentContext), void (ctx.body = 'x')))
    })
    expect(notes).toEqual([false, undefined])
  })
})
