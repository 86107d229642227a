import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type Koa from 'koa'
import mount from 'koa-mount'
import {
  AfterRequest,
  AfterResponse,
  BeforeRequest,
  ErrorHandler,
  Get,
  Post,
  TeardownRequest,
  lifecycle,
  makeResponse,
  type Class,
  type Context,
  type Outcome,
  type Response,
} from 'flaskoa'
import { ask, type AskOptions } from '../support/ask'
import { serve, serveHttp2 } from '../support/serve'
import { until } from '../support/until'
import { koaOf, worlds } from '../support/worlds'

const log: unknown[] = []
const outcomes: Outcome[] = []
beforeEach(() => {
  log.length = outcomes.length = 0
})

class Bare {
  @Get('/view') view() {
    return '<p>view'
  }

  @Get('/fail') fail(): string {
    throw new Error('from the view')
  }

  @Get('/new') new() {
    return makeResponse('new', 201)
  }

  @Get('/folder/') folder() {
    return 'folder'
  }

  @Post('/save') save() {
    return 'saved'
  }
}

class App extends Bare {
  @BeforeRequest before() {
    log.push('before')
  }

  @ErrorHandler(404) missing() {
    log.push('missing')
    return 'nothing here'
  }

  @ErrorHandler(405) notAllowed() {
    log.push('not allowed')
    return 'not so'
  }

  @AfterRequest after(response: Response) {
    log.push(['after', response.status, response.body])
    response.set('X-After', 'yes')
    return response
  }

  @TeardownRequest teardown(error?: Error) {
    log.push(['teardown', error?.message])
  }

  @AfterResponse outcome(outcome: Outcome) {
    outcomes.push(outcome)
  }
}

/** What was sent, but for the fields that every response has and those of the hooks. */
async function sent(url: string, options?: AskOptions) {
  const { status, headers, text } = await ask(url, options)
  const { date, connection, 'keep-alive': _, 'x-after': __, ...own } = headers
  expect([date, connection]).toEqual([expect.any(String), 'close'])
  return { status, headers: own, text }
}

const answering =
  (answer: (ctx: Koa.Context) => unknown): Koa.Middleware =>
  async (ctx, next) => {
    answer(ctx)
    await next()
  }

const ANSWERS: [string, (ctx: Koa.Context) => unknown][] = [
  ['a text', ctx => (ctx.body = 'text')],
  ['HTML', ctx => (ctx.body = '<p>HTML')],
  ['an empty text', ctx => (ctx.body = '')],
  ['an object', ctx => (ctx.body = { a: [1] })],
  ['an object of a class', ctx => (ctx.body = new Map())],
  ['a number', ctx => (ctx.body = 5)],
  ['bytes', ctx => (ctx.body = Buffer.from('bytes'))],
  ['a Blob', ctx => (ctx.body = new Blob(['blob'], { type: 'text/css' }))],
  ['a stream', ctx => (ctx.body = Readable.from(['a', 'stream']))],
  ['a web stream', ctx => (ctx.body = new Blob(['web']).stream())],
  ['null', ctx => (ctx.body = null)],
  ['null as a 404', ctx => ((ctx.body = null), (ctx.status = 404))],
  ['a status', ctx => (ctx.status = 202)],
  ['a status without a body', ctx => (ctx.status = 304)],
  ['a status and a text', ctx => ((ctx.status = 418), (ctx.body = 'short and stout'))],
  ['a page of its own for a 404', ctx => ((ctx.status = 404), (ctx.body = 'not here'))],
  ['a redirect', ctx => ctx.redirect('/elsewhere')],
  ['a message', ctx => ((ctx.status = 200), (ctx.message = 'Fine'))],
  ['fields', ctx => (ctx.set({ ETag: '"1"', 'Content-Type': 'text/css', 'X-Own': 'yes' }), (ctx.body = 'a{}'))],
]

describe.each(worlds)('an answer given before the lifecycle, %s', (_, make) => {
  test.each(ANSWERS)('on a URL without a rule it is sent as Koa sends it: %s', async (_, answer) => {
    const koa = koaOf(answering(answer))
    for (const options of [{}, { method: 'HEAD' }, { method: 'POST', body: 'a' }]) {
      const expected = await serve(koa, url => sent(`${url}/unknown`, options))
      expect(await serve(make(App, [answering(answer)]), url => sent(`${url}/unknown`, options))).toEqual(expected)
      expect(await serve(make(Bare, [answering(answer)]), url => sent(`${url}/unknown`, options))).toEqual(expected)
    }
    expect(log).not.toContain('missing')
  })

  test.each(['GET /unknown', 'GET /save', 'GET /folder', 'GET /%ff'])('no rule matches %s', async request => {
    const [method, path] = request.split(' ') as [string, string]
    await serve(make(App, [answering(ctx => (ctx.body = 'outside'))]), async url => {
      const { status, text, headers } = await ask(url, { method, target: path })
      expect([status, text, headers['x-after'], headers.allow]).toEqual([200, 'outside', 'yes', undefined])
      await until('the outcome is known', () => outcomes.length > 0)
      expect(log).toEqual(['before', ['after', 200, 'outside'], ['teardown', undefined]])
      expect(outcomes).toMatchObject([{ status: 200, error: undefined, handled: true, route: undefined }])
    })
  })

  test.each(ANSWERS)('with a rule it is ignored: %s', async (_, answer) => {
    const expected = await serve(make(Bare, []), url => Promise.all(each(url)))
    const withOwn = expected.map(each => ({ ...each, headers: { ...each.headers, 'x-own': 'yes' } }))
    const received = await serve(make(Bare, [answering(answer)]), url => Promise.all(each(url)))
    const isOwn = received[0]?.headers['x-own'] === 'yes'
    for (const each of received) delete each.headers.location
    expect(received).toEqual(isOwn ? withOwn : expected)
  })

  const each = (url: string) => ['/view', '/new', '/fail'].map(path => sent(url + path))

  test('a view finds no answer, and the stream of the ignored one is closed', async () => {
    let stream: Readable | undefined
    class View {
      @Get('/view') view(ctx: Context) {
        log.push(ctx.body, ctx.status, ctx.message, stream?.destroyed)
        ctx.body = 'its own'
        return ctx.response
      }
    }
    const zipped = answering(ctx => {
      ctx.set({ 'Content-Encoding': 'gzip', 'X-Own': 'yes' })
      ctx.body = stream = Readable.from([gzipSync('text')])
      ctx.status = 203
    })
    await serve(make(View, [zipped]), async url => {
      const { status, headers, text } = await ask(`${url}/view`)
      expect([status, headers['content-encoding'], headers['x-own'], text]).toEqual([200, undefined, 'yes', 'its own'])
    })
    expect(log).toEqual([undefined, 404, 'Not Found', true])
  })

  test('a type that was set without a body stays', async () => {
    await serve(make(Bare, [answering(ctx => ((ctx.type = 'text/css'), (ctx.status = 202)))]), async url => {
      expect(await sent(`${url}/view`)).toMatchObject({
        status: 200,
        headers: { 'content-type': 'text/css; charset=utf-8' },
      })
    })
  })

  test('errors and new responses have nothing of it', async () => {
    class Failing extends Bare {
      @BeforeRequest before(ctx: Context) {
        if (ctx.path === '/before') ctx.throw(401)
      }

      @AfterRequest after(response: Response, ctx: Context) {
        if (ctx.path === '/after') throw new Error('from an after method')
        return ctx.path === '/replaced' ? makeResponse('replaced') : response
      }
    }
    const proxied = answering(ctx => {
      ctx.status = 502
      ctx.set({ 'Content-Encoding': 'gzip', ETag: '"1"' })
      ctx.body = gzipSync('text')
    })
    await serve(make(Failing, [proxied]), async url => {
      for (const [path, status, text] of [
        ['/before', 401, 'Unauthorized'],
        ['/after', 500, 'Internal Server Error'],
        ['/replaced', 200, 'replaced'],
      ] as const) {
        const { headers, ...answer } = await sent(url + path)
        expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)])
        expect(Object.keys(headers)).toEqual(
          ['x-content-type-options', 'content-type', 'content-length'].sort(byOrderOf(headers)),
        )
      }
    })
  })

  test('what the middleware behind the lifecycle answers comes first', async () => {
    const app = make(App, [answering(ctx => (ctx.body = 'outside'))])
    app.use(ctx => void (ctx.body = 'behind'))
    expect(await serve(app, async url => (await ask(`${url}/unknown`)).text)).toBe('behind')
  })

  test('a response that other code sends stays its own', async () => {
    const app = make(App, [
      answering(ctx => {
        ctx.respond = false
        ctx.status = 202
        ctx.res.end('raw')
      }),
    ])
    await serve(app, async url => {
      for (const path of ['/unknown', '/view'])
        expect(await ask(url + path)).toMatchObject({ status: 202, text: 'raw' })
    })
  })
})

const byOrderOf = (headers: object) => (one: string, other: string) =>
  Object.keys(headers).indexOf(one) - Object.keys(headers).indexOf(other)

/** The default page as it was before anything could answer in its place. */
const PAGES: [string, string, AskOptions, string | undefined][] = [
  ['404', '/unknown', {}, undefined],
  ['404', '/unknown', { method: 'HEAD' }, undefined],
  ['405', '/save', {}, 'OPTIONS, POST'],
  ['405', '/save', { method: 'HEAD' }, 'OPTIONS, POST'],
]

/** What outer middleware sees after `await next()`. */
const watch: Koa.Middleware = async (ctx, next) => {
  await next()
  log.push([
    ctx.status,
    ctx.body,
    ctx.req.httpVersionMajor < 2 && ctx.message,
    ctx.res.getHeader('Content-Type'),
    ctx.res.getHeader('Allow'),
  ])
}

describe.each(worlds)('a URL without a rule, %s', (_, make) => {
  test.each(PAGES)(
    '%s %s %j: the page is sent where no middleware outside answers',
    async (status, path, options, allow) => {
      const title = status === '404' ? 'Not Found' : 'Method Not Allowed'
      const page = `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>${status} ${title}</title>\n<h1>${title}</h1>\n</html>\n`
      for (const controller of [Bare, class extends Bare {}, Torn])
        await serve(make(controller, [watch]), async url => {
          expect(await sent(url + path, options)).toEqual({
            status: Number(status),
            headers: {
              'content-type': 'text/html; charset=utf-8',
              'content-length': String(page.length),
              'x-content-type-options': 'nosniff',
              ...(allow !== undefined && { allow }),
            },
            text: options.method === 'HEAD' ? '' : page,
          })
        })
      expect(log).toEqual(Array(3).fill([Number(status), undefined, title, undefined, allow]))
    },
  )

  class Torn extends Bare {
    @TeardownRequest teardown(_error: Error | undefined, ctx: Context) {
      ctx.body = 'too late'
    }
  }

  test.each<[string, (ctx: Koa.Context) => unknown, number, string]>([
    ['a text', ctx => (ctx.body = 'text'), 200, 'text'],
    ['an object', ctx => (ctx.body = { a: 1 }), 200, '{"a":1}'],
    ['a stream', ctx => (ctx.body = Readable.from(['a', 'stream'])), 200, 'astream'],
    ['a status', ctx => (ctx.status = 403), 403, 'Forbidden'],
    ['a status without a message', ctx => (ctx.res.statusCode = 202), 202, 'Accepted'],
    ['null', ctx => (ctx.body = null), 204, ''],
    ['its own 404', ctx => ((ctx.status = 404), (ctx.body = 'not here')), 404, 'not here'],
    ['an empty 404', ctx => ((ctx.body = null), (ctx.status = 404)), 404, ''],
    ['an error', ctx => ctx.throw(404), 404, 'Not Found'],
    ['an error of its own', ctx => ctx.throw(402, 'pay'), 402, 'pay'],
    ['a redirect', ctx => ctx.redirect('/view'), 302, 'Redirecting to /view.'],
  ])('what middleware outside answers after it is as in Koa: %s', async (_, answer, status, text) => {
    const outside: Koa.Middleware = async (ctx, next) => {
      await next()
      answer(ctx)
    }
    for (const options of [{}, { method: 'HEAD' }]) {
      const expected = await serve(koaOf(outside), url => sent(`${url}/unknown`, options))
      expect([expected.status, expected.text]).toEqual([status, options.method === 'HEAD' ? '' : text])
      expect(await serve(make(Bare, [outside]), url => sent(`${url}/unknown`, options))).toEqual(expected)
    }
  })

  test.each<[string, (ctx: Koa.Context) => unknown]>([
    ['which Koa knows of', ctx => ((ctx.respond = false), ctx.res.end('raw'))],
    ['which Koa finds out', ctx => ctx.res.end('raw')],
  ])('raw bytes that middleware outside sends, %s', async (_, answer) => {
    const outside: Koa.Middleware = async (ctx, next) => {
      await next()
      answer(ctx)
    }
    await serve(make(Bare, [outside]), async url => {
      expect(await sent(`${url}/unknown`)).toEqual({
        status: 404,
        headers: { 'transfer-encoding': 'chunked' },
        text: 'raw',
      })
    })
  })

  test('a 405 stays one when middleware outside only writes a body', async () => {
    const outside: Koa.Middleware = async (ctx, next) => {
      await next()
      if (ctx.status === 405 && ctx.body === undefined) ctx.body = { allowed: ctx.response.get('Allow') }
    }
    await serve(make(Bare, [outside]), async url => {
      expect(await sent(`${url}/save`)).toMatchObject({ status: 405, text: '{"allowed":"OPTIONS, POST"}' })
    })
  })

  class ReturnsError extends Bare {
    @ErrorHandler(404) missing(error: Error) {
      return error as never
    }
  }

  class ChangesBody extends Bare {
    @AfterRequest after(response: Response) {
      response.body = `${String(response.body)}<!-- changed -->`
      return response
    }
  }

  class ChangesStatus extends Bare {
    @AfterRequest after(response: Response) {
      response.status = 410
      return response
    }
  }

  class ChangesType extends Bare {
    @AfterRequest after(response: Response) {
      response.type = 'text/plain'
      return response
    }
  }

  class Aborts extends Bare {
    @BeforeRequest before(ctx: Context) {
      ctx.throw(404)
    }
  }

  test.each<[string, Class, number, string]>([
    ['a handler', App, 200, 'nothing here'],
    ['a handler that returns the error', ReturnsError, 404, '<h1>Not Found'],
    ['an after method that changes the body', ChangesBody, 404, 'changed'],
    ['an after method that changes the status', ChangesStatus, 410, '<h1>Not Found'],
    ['an after method that changes the type', ChangesType, 404, '<h1>Not Found'],
    ['a before method that aborts', Aborts, 404, '<h1>Not Found'],
  ])('%s has answered it: middleware outside sees that', async (_, controller, status, text) => {
    const outside: Koa.Middleware = async (ctx, next) => {
      await next()
      log.push([ctx.status, String(ctx.body)])
      if (ctx.body === undefined) ctx.body = 'outside'
    }
    await serve(make(controller, [outside]), async url => {
      expect(await sent(`${url}/unknown`)).toMatchObject({ status, text: expect.stringContaining(text) as string })
    })
    expect(log.at(-1)).toEqual([status, expect.stringContaining(text)])
  })

  test('so has the redirect to the URL with a slash', async () => {
    await serve(make(Bare, [watch]), async url => {
      expect(await sent(`${url}/folder`)).toMatchObject({ status: 308, headers: { location: '/folder/' } })
    })
    expect((log[0] as unknown[]).slice(0, 2)).toEqual([308, expect.stringContaining('/folder/')])
  })

  test('fields that after methods and outer middleware set stay, with the page and without it', async () => {
    class Stamped extends Bare {
      @AfterRequest after(response: Response) {
        response.set('X-Stamp', 'yes')
        return response
      }
    }
    const outside: Koa.Middleware = async (ctx, next) => {
      ctx.set({ 'X-Outer': 'yes', 'X-Content-Type-Options': 'nosniff' })
      await next()
      log.push(ctx.response.get('X-Content-Type-Options'))
      if (ctx.path === '/outside') ctx.body = 'outside'
    }
    await serve(make(Stamped, [outside]), async url => {
      const stamps = { 'x-stamp': 'yes', 'x-outer': 'yes', 'x-content-type-options': 'nosniff' }
      expect(await sent(`${url}/unknown`)).toMatchObject({ status: 404, headers: stamps })
      expect(await sent(`${url}/outside`)).toMatchObject({ status: 200, headers: stamps, text: 'outside' })
    })
    expect(log).toEqual(['nosniff', 'nosniff'])
  })

  test('@AfterResponse gets what was sent', async () => {
    class Watched extends Bare {
      @AfterResponse outcome({ status, error, handled }: Outcome) {
        log.push([status, error?.message, handled])
      }
    }
    const outside: Koa.Middleware = async (ctx, next) => {
      await next()
      if (ctx.path === '/outside') ctx.body = 'outside'
      if (ctx.path === '/page') Object.assign(ctx, { status: 404, body: 'a page' })
      if (ctx.path === '/forbidden') ctx.throw(403)
    }
    await serve(make(Watched, [outside]), async url => {
      for (const path of ['/unknown', '/save', '/outside', '/page', '/forbidden']) {
        const { length } = log
        await ask(url + path)
        await until('the outcome is known', () => log.length > length)
      }
    })
    expect(log).toEqual([
      [404, 'Not Found', true],
      [405, 'Method Not Allowed', true],
      [200, undefined, true],
      [404, 'Not Found', true],
      [403, 'Forbidden', true],
    ])
  })

  test('after methods, listeners and teardown methods see the page', async () => {
    class Seen extends Bare {
      @AfterRequest after(response: Response) {
        log.push(['after', String(response.body).length])
        return response
      }

      @TeardownRequest teardown(_error: Error | undefined, ctx: Context) {
        log.push(['teardown', String(ctx.body).length])
      }
    }
    const app = make(Seen, [watch])
    app.on('requestFinished', (response: Response) => log.push(['finished', String(response.body).length]))
    await serve(app, url => ask(`${url}/unknown`))
    expect(log.slice(0, 3)).toEqual([
      ['after', 112],
      ['finished', 112],
      ['teardown', 112],
    ])
  })

  test('over HTTP/2', async () => {
    const app = make(Bare, [watch])
    const received = await serveHttp2(app, async session => {
      const stream = session.request({ ':path': '/unknown' })
      let text = ''
      for await (const chunk of stream.on('response', fields => log.push(fields[':status'], fields['content-type'])))
        text += String(chunk)
      return text
    })
    expect(received).toContain('<title>404 Not Found</title>')
    expect(log).toEqual([[404, undefined, false, undefined, undefined], 404, 'text/html; charset=utf-8'])
  })

  class Outermost {
    @Get('/') index() {
      return 'outermost'
    }
  }

  test('in a mounted application, and in one behind another', async () => {
    const inner = koaOf(watch, lifecycle(Bare))
    const app = make(Outermost, [mount('/a', inner), watch])
    await serve(app, async url => {
      expect(await sent(`${url}/a/unknown`)).toMatchObject({
        status: 404,
        text: expect.stringContaining('<h1>') as string,
      })
      expect(await sent(`${url}/a/save`)).toMatchObject({ status: 405, headers: { allow: 'OPTIONS, POST' } })
      expect(await sent(`${url}/unknown`)).toMatchObject({
        status: 404,
        text: expect.stringContaining('<h1>') as string,
      })
    })
    expect(log.map(each => (each as unknown[]).slice(0, 2))).toEqual([
      // The application behind the mounted one has no answer either.
      ...[404, 404].map(status => [status, undefined]),
      ...[404, 405].map(status => [status, undefined]),
      [404, undefined],
    ])
  })
})

describe('two lifecycles in one application', () => {
  class First extends Bare {
    @ErrorHandler(404) missing() {
      return 'nothing in either'
    }

    @AfterRequest after(response: Response) {
      log.push(response.status)
      return response
    }
  }
  class Second {
    @Post('/second') second() {
      return 'second'
    }
  }

  test('a URL without a rule in either is a 404 of the first, with its handler', async () => {
    await serve(koaOf(lifecycle(First), lifecycle(Second)), async url => {
      expect(await sent(`${url}/unknown`)).toMatchObject({ status: 200, text: 'nothing in either' })
    })
  })

  test('a 405 of the second is the answer, and its page is sent', async () => {
    await serve(koaOf(watch, lifecycle(First), lifecycle(Second)), async url => {
      expect(await sent(`${url}/second`)).toMatchObject({
        status: 405,
        headers: { allow: 'OPTIONS, POST' },
        text: expect.stringContaining('<h1>Method Not Allowed') as string,
      })
    })
    expect(log).toEqual([405, [405, undefined, 'Method Not Allowed', undefined, 'OPTIONS, POST']])
  })

  test('a status that the first one leaves is not the second one’s', async () => {
    class Writing {
      @BeforeRequest before(ctx: Context) {
        ctx.status = 203
        ctx.set('X-First', 'yes')
      }
    }
    class View {
      @Get('/view') view() {
        return 'view'
      }
    }
    await serve(koaOf(lifecycle(Writing), lifecycle(View)), async url => {
      expect(await sent(`${url}/view`)).toMatchObject({ status: 200, headers: { 'x-first': 'yes' }, text: 'view' })
    })
  })
})

test('teardown methods do not replace an answer of a status alone', async () => {
  class Late {
    @Get('/view') view(ctx: Context) {
      ctx.status = 202
      return ctx.response
    }

    @TeardownRequest teardown(_error: Error | undefined, ctx: Context) {
      ctx.body = { late: true }
    }
  }
  await serve(koaOf(lifecycle(Late)), async url => {
    expect(await sent(`${url}/view`)).toMatchObject({ status: 202, text: 'Accepted' })
  })
})
