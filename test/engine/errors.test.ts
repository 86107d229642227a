import { PassThrough } from 'node:stream'
import createError from 'http-errors'
import Koa from 'koa'
import type { HttpError } from 'flaskoa'
import { applicationOf, get, head, same, sameWith } from '../support/same'
import { serve } from '../support/serve'
import { Application } from '../../src/engine/application'
import { runInNewContext } from 'node:vm'

const ERROR = 'Content-Type: text/plain; charset=utf-8 | Content-Length: 21 |  | Internal Server Error'
const with_ = (properties: object, message = 'message') => Object.assign(new Error(message), properties)

describe('an error that is thrown', () => {
  const cases: [string, () => unknown, string][] = [
    ['an Error', () => new Error('secret'), `500 Internal Server Error | ${ERROR}`],
    ['of a subclass', () => new RangeError('secret'), `500 Internal Server Error | ${ERROR}`],
    [
      'of another realm',
      () => runInNewContext('new Error("secret")') as unknown,
      `500 Internal Server Error | ${ERROR}`,
    ],
    ['an HTTP error', () => createError(403), '403 Forbidden |'],
    ['an HTTP error with a message', () => createError(400, 'name required'), '400 Bad Request |'],
    ['an HTTP error of the server', () => createError(503, 'secret'), '503 Service Unavailable |'],
    ['an HTTP error with a message beyond ASCII', () => createError(400, 'ü'), '400 Bad Request |'],
    [
      'with headers',
      () => createError(401, { headers: { 'WWW-Authenticate': 'Basic', 'X-List': ['a', 'b'] } }),
      '401 Unauthorized | WWW-Authenticate: Basic | X-List: a | X-List: b |',
    ],
    [
      'with a type and a length',
      () => createError(400, 'x', { headers: { 'Content-Type': 'a/b', 'content-length': '99' } }),
      '400 Bad Request | Content-Type: text/plain',
    ],
    ['with headers that are null', () => with_({ headers: null }), `500 Internal Server Error | ${ERROR}`],
    ['with a status', () => with_({ status: 404 }), '404 Not Found |'],
    [
      'with a status, exposed',
      () => with_({ status: 404, expose: true }),
      '404 Not Found | Content-Type: text/plain; charset=utf-8 | Content-Length: 7 |  | message',
    ],
    ['with a statusCode', () => with_({ statusCode: 409 }), '409 Conflict |'],
    ['with both', () => with_({ status: 400, statusCode: 409 }), '400 Bad Request |'],
    ['with a status that is no number', () => with_({ status: '404' }), `500 Internal Server Error | ${ERROR}`],
    ['with an unknown status', () => with_({ status: 999, expose: true }), '500 Internal Server Error |'],
    ['with a status without a body', () => with_({ status: 204, expose: true }), '204 No Content |'],
    ['with the status 304', () => with_({ status: 304 }), '304 Not Modified |'],
    ['with the status 200', () => with_({ status: 200, expose: true }), '200 OK |'],
    [
      'exposed, without a status',
      () => with_({ expose: true }),
      '500 Internal Server Error | Content-Type: text/plain; charset=utf-8 | Content-Length: 7 |  | message',
    ],
    ['ENOENT', () => with_({ code: 'ENOENT' }), `500 Internal Server Error | ${ERROR}`],
    ['ENOENT, exposed', () => with_({ code: 'ENOENT', expose: true, status: 404 }), '404 Not Found |'],
    ['with an empty message, exposed', () => createError(400, '', { expose: true }), '400 Bad Request |'],
    ['with a body', () => with_({ body: 'own' }), `500 Internal Server Error | ${ERROR}`],
    ['text', () => 'text', `500 Internal Server Error | ${ERROR}`],
    ['a number', () => 404, `500 Internal Server Error | ${ERROR}`],
    ['an object', () => ({ status: 404, message: 'x' }), `500 Internal Server Error | ${ERROR}`],
    ['a list', () => [], `500 Internal Server Error | ${ERROR}`],
    ['a function', () => () => {}, `500 Internal Server Error | ${ERROR}`],
    ['a symbol', () => Symbol('x'), `500 Internal Server Error | ${ERROR}`],
    ['false', () => false, `500 Internal Server Error | ${ERROR}`],
  ]

  describe.each<[string, (error: unknown) => Koa.Middleware]>([
    [
      'at once',
      error => () => {
        throw error
      },
    ],
    [
      'later',
      error => async () => {
        await new Promise(setImmediate)
        throw error
      },
    ],
    ['as a rejection', error => () => Promise.reject(error)],
    [
      'after all is set',
      error => ctx => {
        ctx.body = { a: 1 }
        ctx.status = 201
        ctx.set('X-A', 'b')
        ctx.cookies.set('c', 'd')
        throw error
      },
    ],
    [
      'on the way back',
      error => async (_, next) => {
        await next()
        throw error
      },
    ],
    [
      'with Connection set',
      error => ctx => {
        ctx.set({ Connection: 'close', 'Transfer-Encoding': 'chunked', Date: 'then' })
        throw error
      },
    ],
  ])('%s', (_, failing) => {
    test.each(cases)('%s', async (_, make, expected) => {
      const setUp = (app: Koa) => app.use((ctx, next) => failing(make())(ctx, next)).use(() => {})
      const { short, reported } = await same(setUp, get('/'), head('/'))
      expect([short[0]?.startsWith(expected), reported.length]).toEqual([true, 2])
    })
  })
})

describe('a thrown undefined or null is not an error', () => {
  test.each([undefined, null])('%s', async nothing => {
    const setUp = (app: Koa) =>
      app.use(ctx => {
        setImmediate(() => ctx.socket.end())
        ctx.body = 'text'
        throw nothing
      })
    const { wire, reported } = await same(setUp)
    expect([wire, reported]).toEqual([[''], []])
  })
})

describe('ctx.throw and ctx.assert', () => {
  test.each<[string, Koa.Middleware, string]>([
    ['a status', ctx => ctx.throw(403), '403 Forbidden |'],
    ['a status and a message', ctx => ctx.throw(400, 'name required'), '400 Bad Request |'],
    ['a message', ctx => ctx.throw('exploded' as unknown as number), '500 Internal Server Error |'],
    ['an error', ctx => ctx.throw(new Error('x') as unknown as number), '500 Internal Server Error |'],
    ['a status and an error', ctx => ctx.throw(422, new Error('x')), '422 Unprocessable Entity |'],
    ['properties', ctx => ctx.throw(400, 'x', { headers: { 'X-A': 'b' } }), '400 Bad Request | X-A: b |'],
    ['nothing', ctx => ctx.throw(), '500 Internal Server Error |'],
    ['an assertion', ctx => ctx.assert(false, 401, 'log in'), '401 Unauthorized |'],
    ['an assertion that holds', ctx => (ctx.assert(true, 401), void (ctx.body = 'x')), '200 OK |'],
    [
      'assert.equal',
      ctx => (ctx.assert as unknown as { equal(...args: unknown[]): void }).equal(1, 2, 400, 'y'),
      '400 Bad Request |',
    ],
  ])('%s', async (_, middleware, expected) => {
    const { short } = await same(app => app.use(middleware))
    expect(short[0]?.slice(0, expected.length)).toBe(expected)
  })
})

describe('an error after the response was sent', () => {
  test.each<[string, Koa.Middleware]>([
    [
      'after flushHeaders',
      ctx => {
        ctx.length = 3
        ctx.flushHeaders()
        setImmediate(() => ctx.res.end('abc'))
        throw new Error('late')
      },
    ],
    [
      'after the end',
      ctx => {
        ctx.res.end('abc')
        throw new Error('late')
      },
    ],
    [
      'after the end, later',
      async ctx => {
        ctx.res.end('abc')
        await new Promise(setImmediate)
        throw new Error('late')
      },
    ],
    [
      'with ctx.respond = false',
      ctx => {
        ctx.respond = false
        throw new Error('apart')
      },
    ],
    [
      'after the socket',
      ctx => {
        ctx.socket.destroy()
        throw new Error('gone')
      },
    ],
  ])('%s', async (_, middleware) => {
    const { reported } = await same(app => app.use(middleware))
    expect(reported).toHaveLength(1)
  })
})

test.each([Koa, Application])('a stream that fails, with a listener for one error: %p', async Kind => {
  const seen: string[] = []
  const app = new Kind().once('error', (error: Error) => seen.push(error.message))
  app.use(ctx => {
    const stream = new PassThrough()
    ctx.body = stream
    ctx.flushHeaders()
    setImmediate(() => stream.emit('error', new Error('broken')))
  })
  await serve(app, async url => {
    await expect(fetch(url).then(response => response.text())).rejects.toThrow()
  })
  expect(seen).toEqual(['broken'])
})

describe('the error event', () => {
  test('has the error itself and the context', async () => {
    const { notes } = await same((app, note) => {
      const thrown = new Error('x')
      let seen: unknown
      app.on('error', (error: Error, ctx: Koa.Context, ...rest: unknown[]) =>
        note(error === thrown, ctx === seen, rest.length, ctx.app === app),
      )
      app.use(ctx => ((seen = ctx), Promise.reject(thrown)))
    })
    expect(notes).toEqual([true, true, 0, true])
  })

  test('comes before the page, with the status that the response still has, and may change it', async () => {
    const { notes, short } = await same((app, note) => {
      app.on('error', (error: HttpError, ctx: Koa.Context) => {
        note(ctx.status, ctx.body, ctx.headerSent, error.headerSent)
        error.status = 418
        error.expose = true
        error.message = 'tea'
      })
      app.use(ctx => {
        ctx.status = 201
        throw new Error('x')
      })
    })
    expect([notes, short[0]?.slice(0, 16)]).toEqual([[201, undefined, false, undefined], "418 I'm a Teapot"])
  })

  test('reaches every listener, and a once listener once', async () => {
    const { notes } = await same(
      (app, note) => {
        app.once('error', () => note('once'))
        app.on('error', () => note('always'))
        app.use(ctx => ctx.throw(500))
      },
      get('/'),
      get('/'),
    )
    expect(notes).toEqual(['once', 'always', 'always'])
  })
})

describe.each([
  ['Koa', Koa],
  ['engine', Application as typeof Koa],
])("the application's own listener, in %s", (_, Kind) => {
  let written: jest.SpyInstance
  beforeEach(() => (written = jest.spyOn(console, 'error').mockImplementation(() => {})))
  afterEach(() => written.mockRestore())

  test.each<[string, unknown, number]>([
    ['an error', new Error('written'), 1],
    ['a 404', with_({ status: 404 }), 0],
    ['an exposed error', with_({ expose: true }), 0],
    ['an error without a stack', Object.assign(new Error('bare'), { stack: undefined }), 1],
  ])('%s', (_, error, times) => {
    const app = new Kind()
    app.onerror(error as Error)
    expect(written).toHaveBeenCalledTimes(times)
    app.silent = true
    app.onerror(error as Error)
    expect(written).toHaveBeenCalledTimes(times)
  })

  test('has a default listener, which throws for a value that is not an error', () => {
    const app = new Kind()
    app.callback()
    app.callback()
    expect(app.listeners('error')).toEqual([app.onerror])
    expect(() => app.onerror('text' as unknown as Error)).toThrow(new TypeError('non-error thrown: "text"'))
    const other = new Kind().on('error', () => {})
    other.callback()
    expect(other.listenerCount('error')).toBe(1)
  })
})

describe('an onerror of the application', () => {
  test('app.context.onerror', async () => {
    const { short, reported } = await same(
      app => {
        app.context.onerror = function (this: Koa.Context, error: Error | null) {
          if (error === null) return
          this.res.statusCode = 500
          this.res.end(`own: ${error.message}`)
        }
        app.use(ctx => ctx.throw(400, 'x'))
      },
      get('/'),
      head('/'),
    )
    expect([short[0], reported]).toEqual(['500 Internal Server Error | Content-Length: 6 |  | own: x', []])
  })

  test('ctx.onerror', async () => {
    const { short } = await same(app =>
      app.use(ctx => {
        ctx.onerror = (error: Error | null) => {
          if (error) ctx.res.end('of this request')
        }
        ctx.throw(400)
      }),
    )
    expect(short[0]).toBe('404 Not Found | Content-Length: 15 |  | of this request')
  })

  // Koa's is called with null for each response that is out, by on-finished; ours listens to no response.
  test.each(['engine', 'bootstrap'] as const)('is not called when a response is out: %s', async kind => {
    const onerror = jest.fn()
    const app = applicationOf(kind, made => {
      made.context.onerror = onerror
      made.use(ctx => void (ctx.body = 'x'))
    })
    expect(await serve(app, async url => (await fetch(url)).text())).toBe('x')
    expect(onerror).not.toHaveBeenCalled()
  })

  test('one that calls the original', async () => {
    const { short, reported } = await same(app => {
      const original = app.context.onerror
      app.context.onerror = function (this: Koa.Context, error: Error) {
        original.call(this, error && Object.assign(error, { status: 418, expose: true }))
      }
      app.use(() => Promise.reject(new Error('tea')))
    })
    expect([short[0], reported.length]).toEqual([expect.stringMatching(/^418 .* tea$/), 1])
  })

  test('called by middleware', async () => {
    const { short, reported } = await same(app =>
      app.use(ctx => {
        ctx.onerror(null as unknown as Error)
        ctx.onerror(new Error('by hand'))
        ctx.body = 'unseen'
      }),
    )
    expect([short[0], reported.length]).toEqual([`500 Internal Server Error | ${ERROR}`, 1])
  })
})

test.each([true, false])('with asyncLocalStorage: %s', async asyncLocalStorage => {
  const { reported, notes } = await sameWith({ asyncLocalStorage }, (app, note) => {
    app.on('error', (_, ctx) => note(app.currentContext === ctx))
    app.use(() => Promise.reject(new Error('x')))
  })
  expect([reported.length, notes]).toEqual([1, [asyncLocalStorage]])
})
