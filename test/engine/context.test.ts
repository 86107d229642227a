import { inspect } from 'node:util'
import Cookies from 'cookies'
import type Koa from 'koa'
import { get, outcome, same, sameWith } from '../support/same'

describe('ctx', () => {
  test('has what Koa gives it, and knows its own', async () => {
    const { notes } = await same((app, note) =>
      app.use(ctx => {
        const { request, response, req, res } = ctx
        note(ctx.app === app, request.app === app, response.app === app, request.ctx === ctx, response.ctx === ctx)
        note(request.response === response, response.request === request, request.req === req, response.req === req)
        note(request.res === res, response.res === res, ctx.socket === req.socket, request.socket === ctx.socket)
        note(response.socket === res.socket, Object.keys(ctx.state), ctx.respond, ctx.originalUrl, request.originalUrl)
        note(Object.getPrototypeOf(ctx.state) === Object.prototype, Object.prototype.toString.call(ctx))
        note(Object.getPrototypeOf(ctx) === app.context, Object.getPrototypeOf(request) === app.request)
        note(Object.getPrototypeOf(response) === app.response)
        ctx.body = 'x'
      }),
    )
    expect(notes.slice(0, 13)).toEqual(Array.from({ length: 13 }, () => true))
  })

  test('lists the names that it lists in Koa, as do its request, req and res', async () => {
    const listed = (value: object) => {
      const names: string[] = []
      for (const name in value) names.push(name)
      return names.sort()
    }
    const { notes } = await same((app, note) =>
      app.use(ctx => {
        note(listed(ctx), listed(ctx.request), listed(ctx.req), listed(Object.getPrototypeOf(ctx.response) as object))
        note(listed(Object.getPrototypeOf(ctx.res) as object))
        ctx.body = 'x'
      }),
    )
    expect(notes[0]).toEqual(expect.arrayContaining(['body', 'get', 'method', 'onerror', 'status']))
  })

  test('has no other names than Koa’s', async () => {
    const names = [
      'params',
      'session',
      'query',
      'user',
      'locals',
      'flash',
      'render',
      'i18n',
      'logger',
      'matched',
      'router',
    ]
    const { notes } = await same((app, note) =>
      app.use(ctx => {
        note(...names.map(name => [name, name in ctx]))
        note(Object.keys(ctx).sort(), Object.keys(ctx.request).sort())
        note(
          JSON.stringify(
            Object.keys(ctx.response)
              .filter(name => !name.startsWith('_'))
              .sort(),
          ),
        )
        ctx.body = 'x'
      }),
    )
    expect(notes[0]).toEqual(['params', false])
  })

  test('is a new one for each request', async () => {
    const seen = new Set<unknown>()
    await same(
      app =>
        app.use(ctx => {
          for (const each of [ctx, ctx.request, ctx.response, ctx.state, ctx.cookies, ctx.query]) seen.add(each)
          ctx.state.n = 1
          ctx.own = 1
          ctx.body = 'x'
        }),
      get('/'),
      get('/'),
    )
    expect(seen.size).toBe(6 * 2 * 4)
  })

  test('says what it is', async () => {
    const { notes } = await same((app, note) => {
      app.env = 'x'
      app.use(ctx => {
        ctx.set('X-A', 'a')
        ctx.body = { a: 1 }
        note(ctx.toJSON(), ctx.inspect(), ctx.request.toJSON(), ctx.request.inspect(), ctx.response.toJSON())
        note(
          ctx.response.inspect(),
          inspect(ctx),
          inspect(ctx.request),
          inspect(ctx.response),
          inspect(ctx, { depth: 0 }),
        )
        note(JSON.stringify(ctx), JSON.stringify(ctx.request), JSON.stringify(ctx.response), inspect({ ctx }))
        note(String(ctx), String(ctx.request), Object.keys(ctx.toJSON()))
      })
    })
    expect(notes[4]).toEqual({
      status: 200,
      message: 'OK',
      header: { 'x-a': 'a', 'content-type': 'application/json; charset=utf-8' },
    })
  })

  test.each(['context', 'request', 'response'] as const)(
    'survives reading the properties of its prototype: %s',
    async name => {
      const { notes } = await same((app, note) => {
        const prototype = Object.getPrototypeOf(app[name]) as Koa.Context
        note(
          outcome(() => typeof inspect(prototype)),
          outcome(() => typeof prototype.inspect()),
        )
        app.use(ctx => void (ctx.body = 'x'))
      })
      expect(notes).toEqual(['string', name === 'context' ? 'object' : 'undefined'])
    },
  )
})

describe('what users add', () => {
  test('values, functions and accessors of the context, the request and the response', async () => {
    const { notes, short } = await same(
      (app, note) => {
        app.context.db = { name: 'db' }
        app.context.twice = function (this: Koa.Context, value: number) {
          return [value * 2, this.path]
        }
        Object.defineProperty(app.context, 'user', {
          get(this: Koa.Context) {
            return this.get('X-User')
          },
        })
        Object.defineProperty(app.request, 'shout', {
          get(this: Koa.Request) {
            return this.path.toUpperCase()
          },
        })
        Object.defineProperty(app.response, 'ok', {
          value(this: Koa.Response) {
            this.status = 202
          },
        })
        app.use(ctx => {
          const { request, response } = ctx as unknown as { request: { shout: string }; response: { ok(): void } }
          note(ctx.db, (ctx as unknown as { twice(n: number): unknown }).twice(2), ctx.user, request.shout)
          response.ok()
          ctx.own = 1
          ctx.db = 'of the request'
          note(ctx.db, app.context.db, ctx.own, 'own' in app.context)
          ctx.body = 'x'
        })
      },
      get('/path', { 'X-User': 'Ada' }),
    )
    expect(notes.slice(0, 4)).toEqual([{ name: 'db' }, [4, '/path'], 'Ada', '/PATH'])
    expect(short[0]).toMatch(/^202/)
  })

  test('of one application is not of another', async () => {
    const { notes } = await same((app, note) => {
      note('mine' in app.context, 'mine' in app.request, 'mine' in app.response)
      Object.assign(app.context, { mine: 1 })
      Object.assign(app.request, { mine: 1 })
      Object.assign(app.response, { mine: 1 })
      app.use(ctx => (note('mine' in ctx, 'mine' in ctx.request, 'mine' in ctx.response), void (ctx.body = 'x')))
    })
    expect(notes).toEqual([false, false, false, true, true, true])
  })

  test('before, after and during requests', async () => {
    const { notes } = await same(
      (app, note) =>
        app.use(ctx => {
          note(ctx.later)
          app.context.later = ctx.path
          note(ctx.later)
          ctx.body = 'x'
        }),
      get('/1'),
      get('/2'),
    )
    expect(notes).toEqual([undefined, '/1', '/1', '/2'])
  })

  test('an accessor with the name of anything', async () => {
    for (const name of ['params', 'session', 'user', 'matched', 'i18n', 'respond', 'onlyGet']) {
      const { short } = await same(app => {
        Object.defineProperty(app.context, name, { get: () => 'own', configurable: true })
        Object.defineProperty(app.request, name, { get: () => 'own', configurable: true })
        Object.defineProperty(app.response, name, { get: () => 'own', configurable: true })
        app.use(
          ctx => void (ctx.body = `${ctx[name]} ${(ctx.request as never)[name]} ${(ctx.response as never)[name]}`),
        )
      })
      expect(short[0]).toMatch(/own own own$/)
    }
  })

  test('Koa’s own, replaced', async () => {
    const { notes, short } = await same((app, note) => {
      const replace = (target: object, name: string, descriptor: PropertyDescriptor) =>
        Object.defineProperty(target, name, { configurable: true, ...descriptor })
      replace(app.request, 'ip', { get: () => '9.9.9.9' })
      replace(app.request, 'path', { get: () => '/replaced', set: value => note('path=', value) })
      replace(app.request, 'method', { get: () => 'PURGE' })
      replace(app.request, 'url', { get: () => '/url' })
      replace(app.request, 'headers', { get: () => ({ host: 'replaced' }) })
      replace(app.context, 'host', { get: () => 'own host' })
      replace(app.response, 'message', { get: () => 'own message' })
      app.use(ctx => {
        note(ctx.ip, ctx.path, ctx.method, ctx.url, ctx.headers, ctx.host, ctx.request.host, ctx.message)
        ctx.path = '/new'
        ctx.body = 'x'
      })
    })
    expect([notes.slice(0, 4), short[0]]).toEqual([
      ['9.9.9.9', '/replaced', 'PURGE', '/url'],
      expect.stringMatching(/^200 OK/),
    ])
  })

  test.each(['body', 'status', 'type', 'length', 'etag', 'set', 'remove'])(
    'Koa’s response.%s, replaced by one that calls it',
    async name => {
      const values = ['text', '<p>', { a: 1 }, null, Buffer.from('b')]
      const { notes } = await same(
        (app, note) => {
          const { get: read, set: write, value } = inherited(app.response, name)
          const called =
            (what: unknown) =>
            (self: unknown, ...args: unknown[]) => {
              note(`${name} was given`, args)
              return Reflect.apply(what as () => unknown, self, args) as unknown
            }
          const wrapped =
            value === undefined
              ? {
                  get(this: unknown) {
                    return read?.call(this) as unknown
                  },
                  set(this: unknown, next: unknown) {
                    called(write)(this, next)
                  },
                }
              : {
                  value(this: unknown, ...args: unknown[]) {
                    return called(value)(this, ...args)
                  },
                }
          Object.defineProperty(app.response, name, wrapped)
          app.use(ctx => {
            ctx.status = 200
            ctx.set('X-A', 'a')
            ctx.type = 'html'
            ctx.etag = 'e'
            note(ctx.status, ctx.type, ctx.etag, ctx.response.get('X-A'), ctx.writable, ctx.headerSent)
            ctx.remove('X-A')
            ctx.body = values[Number(ctx.url.slice(1))]
          })
        },
        ...values.map((_, index) => get(`/${index}`)),
      )
      expect(notes).toContain(`${name} was given`)
    },
  )

  test.each([
    'get',
    'is',
    'accepts',
    'acceptsEncodings',
    'set',
    'append',
    'vary',
    'has',
    'remove',
    'attachment',
    'redirect',
    'back',
    'flushHeaders',
  ])('ctx.%s passes all arguments on, and what comes back', async name => {
    const { notes } = await same((app, note) => {
      const owner = name in app.response && !['get', 'is'].includes(name) ? app.response : app.request
      Object.defineProperty(owner, name, {
        value(this: unknown, ...args: unknown[]) {
          note(args, this === (this as Koa.Response).ctx[owner === app.response ? 'response' : 'request'])
          return 'returned'
        },
      })
      app.use(ctx => {
        const method = ctx[name] as (...args: unknown[]) => unknown
        note(method.call(ctx), method.call(ctx, 'a'), method.call(ctx, 'a', 'b'), method.call(ctx, 'a', 'b', 'c'))
        ctx.res.end('x')
      })
    })
    expect(notes.slice(-4)).toEqual(['returned', 'returned', 'returned', 'returned'])
  })

  test('a new object in the place of app.context, app.request or app.response', async () => {
    const { short } = await same(app => {
      app.context = Object.assign(Object.create(app.context), { one: 'context' }) as typeof app.context
      app.request = Object.assign(Object.create(app.request), { one: 'request' }) as typeof app.request
      app.response = Object.assign(Object.create(app.response), { one: 'response' }) as typeof app.response
      app.use(
        ctx => void (ctx.body = [ctx, ctx.request, ctx.response].map(each => (each as { one?: string }).one).join()),
      )
    })
    expect(short[0]).toMatch(/context,request,response$/)
  })

  test('a createContext of the user', async () => {
    const { short } = await same(app => {
      const create = app.createContext.bind(app)
      app.createContext = (req: never, res: never) => Object.assign(create(req, res), { made: 'by hand' })
      app.use(ctx => void (ctx.body = ctx.made as string))
    })
    expect(short[0]).toMatch(/by hand$/)
  })
})

function inherited(object: object, name: string): PropertyDescriptor {
  const found = Object.getOwnPropertyDescriptor(object, name)
  return found ?? inherited(Object.getPrototypeOf(object) as object, name)
}

describe('cookies', () => {
  test('are Koa’s, with the keys of the application', async () => {
    const { notes, wire } = await sameWith(
      { keys: ['key', 'old'] },
      (app, note) =>
        app.use(ctx => {
          note(
            ctx.cookies instanceof Cookies,
            ctx.cookies === ctx.cookies,
            ctx.cookies.get('a', { signed: false }),
            ctx.cookies.get('a'),
          )
          ctx.cookies.set('plain', '1', { signed: false })
          ctx.cookies.set('signed', '2')
          ctx.cookies.set('all', '3', {
            path: '/p',
            domain: 'example.com',
            // Not maxAge: the three servers would be asked at different seconds.
            expires: new Date(Date.UTC(2100, 0)),
            sameSite: 'lax',
            httpOnly: false,
          })
          note(outcome(() => ctx.cookies.set('safe', '4', { secure: true })))
          ctx.body = 'x'
        }),
      get('/', { Cookie: 'a=b; a.sig=wrong' }),
    )
    expect(notes.slice(0, 3)).toEqual([true, true, 'b'])
    expect(wire[0]).toMatch(/set-cookie: plain=1; path=\/; httponly\r\n/i)
  })

  test('cannot be signed without keys, and may be replaced', async () => {
    const { notes } = await same((app, note) =>
      app.use(ctx => {
        note(outcome(() => ctx.cookies.set('a', 'b', { signed: true })))
        ctx.cookies = { get: () => 'own' } as unknown as Cookies
        note(ctx.cookies.get('a'))
        ctx.body = 'x'
      }),
    )
    expect(notes).toEqual(['Error .keys required for signed cookies', 'own'])
  })

  test('are secure when the request is', async () => {
    const { notes, wire } = await sameWith(
      { proxy: true },
      (app, note) => app.use(ctx => (note(ctx.cookies.secure), ctx.cookies.set('a', 'b'), void (ctx.body = 'x'))),
      get('/', { 'X-Forwarded-Proto': 'https' }),
    )
    expect([notes, wire[0]]).toEqual([[true], expect.stringMatching(/a=b; path=\/; secure; httponly/i)])
  })
})
