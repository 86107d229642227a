import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import {
  abort,
  afterThisRequest,
  AfterRequest,
  BeforeRequest,
  bootstrap,
  ErrorHandler,
  Get,
  lifecycle,
  makeResponse,
  redirect,
  session,
  UrlValuePreprocessor,
  type Context,
  type HttpError,
  type KoaResponse,
  type ResponseValue,
} from 'flaskoa'
import { testClient, type TestResponse } from 'flaskoa/testing'
import createError from 'http-errors'
import type Koa from 'koa'
import { ask } from '../support/ask'
import { clientOf } from '../support/client'
import { serve, serveHttp2 } from '../support/serve'
import { setCookies } from '../support/session'
import { koaOf, worlds } from '../support/worlds'

// Which header fields and cookies a response has (docs/responses.md, "Which fields a response has").

const cookiesOf = (response: TestResponse) => setCookies(response).map(cookie => cookie.split('=')[0])

/** A field and a cookie of the same name. */
function sign(ctx: Context, name: string): void {
  ctx.set(`X-${name}`, 'yes')
  ctx.cookies.set(name, '1')
}

/** The names that `sign` was called with, as far as the response has both. */
const signedBy = (response: TestResponse) =>
  cookiesOf(response).filter(name => response.header(`X-${String(name)}`) === 'yes')

describe.each(worlds)('what is written before the method that answers, %s', (_, make) => {
  class App {
    @UrlValuePreprocessor preprocess(_endpoint: string | undefined, _values: unknown, ctx: Context) {
      sign(ctx, 'preprocessor')
    }
    @BeforeRequest first(ctx: Context) {
      sign(ctx, 'first')
    }
    @BeforeRequest async second(ctx: Context) {
      await Promise.resolve()
      sign(ctx, 'second')
      if (ctx.path === '/throws') throw new RangeError('from a before method')
    }
    @Get('/text') text(ctx: Context) {
      sign(ctx, 'view')
      return 'text'
    }
    @Get('/made') made() {
      return makeResponse('made', 201)
    }
    @Get('/fails') fails(ctx: Context): string {
      sign(ctx, 'view')
      throw new Error('from the view')
    }
    @Get('/handled') handled(ctx: Context): string {
      sign(ctx, 'view')
      throw new RangeError('from the view')
    }
    @Get('/aborts') aborts(ctx: Context): string {
      sign(ctx, 'view')
      abort(409)
    }
    @Get('/refused') refused(ctx: Context) {
      sign(ctx, 'view')
      return 5 as unknown as string
    }
    @Get('/slash/') slash() {
      return ''
    }
    @Get('/after-makes') afterMakes(ctx: Context) {
      sign(ctx, 'view')
      afterThisRequest(response => {
        sign(ctx, 'after')
        return response
      })
      afterThisRequest(() => makeResponse('after'))
      return 'text'
    }
    @Get('/after-redirects') afterRedirects(ctx: Context) {
      sign(ctx, 'view')
      afterThisRequest(() => {
        sign(ctx, 'after')
        return redirect('/text')
      })
      return 'text'
    }
    @Get('/after-fails') afterFails(ctx: Context) {
      sign(ctx, 'view')
      afterThisRequest(() => {
        sign(ctx, 'after')
        throw new Error('from an after method')
      })
      return 'text'
    }
    @ErrorHandler(RangeError) range(_: RangeError, ctx: Context) {
      sign(ctx, 'handler')
      return makeResponse('handled', 400)
    }
  }
  const outer: Koa.Middleware = async (ctx, next) => {
    sign(ctx as Context, 'outer')
    await next()
  }
  const app = make(App, [outer])
  app.on('appContextPushed', (ctx: Context) => {
    sign(ctx, 'pushed')
  })
  app.on('requestStarted', (ctx: Context) => {
    sign(ctx, 'started')
  })
  app.on('gotRequestException', (_: Error, ctx: Context) => {
    sign(ctx, 'exception')
  })
  app.silent = true
  const requests = ['outer', 'pushed', 'started', 'preprocessor', 'first', 'second']

  test.each<[string, number, string[]]>([
    ['/text', 200, ['view']],
    ['/made', 201, []],
    ['/fails', 500, []],
    ['/handled', 400, ['handler']],
    ['/throws', 400, ['handler']],
    ['/aborts', 409, []],
    ['/refused', 500, []],
    ['/slash', 308, []],
    ['/unknown', 404, []],
    ['/after-makes', 200, []],
    ['/after-redirects', 302, []],
    ['/after-fails', 500, []],
  ])('is on every response: GET %s', async (path, status, others) => {
    const response = await testClient(app).get(path)
    expect([response.status, signedBy(response)]).toEqual([status, [...requests, ...others]])
  })

  test('is on the automatic answers to OPTIONS and to a method that no rule has', async () => {
    const options = await testClient(app).request('OPTIONS', '/text')
    const post = await testClient(app).post('/text')
    expect([options.status, signedBy(options), post.status, signedBy(post)]).toEqual([200, requests, 405, requests])
  })
})

test('the same over sockets, HTTP/1.1 and HTTP/2', async () => {
  class App {
    @BeforeRequest before(ctx: Context) {
      sign(ctx, 'before')
      ctx.vary('Origin')
    }
    @Get('/') index(ctx: Context): string {
      sign(ctx, 'view')
      ctx.vary('Accept')
      abort(401, 'who?', { headers: { 'Set-Cookie': 'error=1', Vary: 'Authorization' } })
    }
  }
  const seen = (headers: IncomingHttpHeaders) => [
    headers['x-before'],
    headers['x-view'],
    headers['set-cookie'],
    headers.vary,
  ]
  const expected = ['yes', undefined, ['before=1; path=/; httponly', 'error=1'], 'Origin, Authorization']
  await serve(bootstrap(App), async url => {
    expect(seen((await ask(url)).headers)).toEqual(expected)
  })
  await serveHttp2(bootstrap(App), async session => {
    const stream = session.request({ ':path': '/' }).resume()
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    await once(stream, 'close')
    expect(seen(headers)).toEqual(expected)
  })
})

describe('what the method writes that answers, throws or is replaced', () => {
  test('a before method that answers: its fields are those of its answer', async () => {
    class App {
      @BeforeRequest first(ctx: Context) {
        sign(ctx, 'first')
      }
      @BeforeRequest guard(ctx: Context) {
        sign(ctx, 'guard')
        if (ctx.path === '/bad') return 5 as unknown as string
        return ctx.path === '/made' ? makeResponse('made') : 'guarded'
      }
      @AfterRequest after(response: KoaResponse, ctx: Context) {
        return ctx.path === '/replaced' ? makeResponse('replaced') : response
      }
    }
    const client = clientOf(App)
    const seen = async (path: string) => signedBy(await client.get(path))
    expect([await seen('/'), await seen('/made')]).toEqual([
      ['first', 'guard'],
      ['first', 'guard'],
    ])
    expect([await seen('/bad'), await seen('/replaced')]).toEqual([['first'], ['first']])
  })

  test('a before method that throws: Koa’s ctx.throw after ctx.set', async () => {
    class App {
      @BeforeRequest guard(ctx: Context) {
        sign(ctx, 'guard')
        ctx.set('WWW-Authenticate', 'Basic')
        ctx.throw(401)
      }
    }
    const response = await clientOf(App).get('/')
    expect([response.status, signedBy(response), response.header('WWW-Authenticate')]).toEqual([
      ...[401, ['guard'], 'Basic'],
    ])
  })

  test('a preprocessor that aborts with a response', async () => {
    class App {
      @UrlValuePreprocessor first(_endpoint: unknown, _values: unknown, ctx: Context) {
        sign(ctx, 'first')
      }
      @UrlValuePreprocessor second(_endpoint: unknown, _values: unknown, ctx: Context) {
        sign(ctx, 'second')
        abort(makeResponse('aborted', 401))
      }
      @AfterRequest after(response: KoaResponse, ctx: Context) {
        return ctx.path === '/replaced' ? makeResponse('replaced') : response
      }
    }
    const client = clientOf(App)
    expect(signedBy(await client.get('/'))).toEqual(['first', 'second'])
    expect(signedBy(await client.get('/replaced'))).toEqual(['first'])
  })

  test('a response that was made and not returned leaves nothing', async () => {
    class App {
      @BeforeRequest guard(ctx: Context): ResponseValue | undefined {
        sign(ctx, 'guard')
        makeResponse('made', 401, { 'X-Made': 'yes', 'Set-Cookie': 'made=1' })
        if (ctx.path === '/') throw new RangeError('after it')
        return undefined
      }
      @ErrorHandler(RangeError) range() {
        return 'handled'
      }
    }
    for (const [path, status] of [
      ['/', 200],
      ['/forgotten', 500],
    ] as const) {
      const response = await clientOf(App).get(path)
      expect([response.status, cookiesOf(response), response.header('X-Guard'), response.header('X-Made')]).toEqual([
        ...[status, ['guard'], 'yes', undefined],
      ])
    }
  })

  test('what listeners write when the request has failed, or is finished and fails then', async () => {
    class App {
      @BeforeRequest before(ctx: Context) {
        sign(ctx, 'before')
        if (ctx.path === '/before') throw new Error('from a before method')
      }
      @Get('/view') view(): string {
        throw new Error('from the view')
      }
      @Get('/finished') finished() {
        return 'fine'
      }
    }
    const app = bootstrap(App, { logger: false })
    app.on('gotRequestException', (_, ctx) => {
      sign(ctx, 'exception')
    })
    app.on('error', (_, ctx) => {
      if (ctx) sign(ctx, 'error')
    })
    app.on('requestFinished', (_, ctx) => {
      sign(ctx, 'finished')
      throw new Error('from a listener')
    })
    for (const path of ['/before', '/view', '/finished']) {
      const response = await testClient(app).get(path)
      expect([response.status, signedBy(response)]).toEqual([500, ['before']])
    }
  })

  test('middleware inside of the lifecycle counts as the view', async () => {
    const inner: Koa.Middleware = async ctx => {
      await Promise.resolve()
      sign(ctx as Context, 'inner')
      ctx.body = 'inner'
    }
    class App {
      @BeforeRequest before(ctx: Context) {
        sign(ctx, 'before')
      }
      @AfterRequest after(response: KoaResponse, ctx: Context) {
        return ctx.path === '/replaced' ? makeResponse('replaced') : response
      }
    }
    const app = koaOf(lifecycle(App), inner)
    expect(signedBy(await testClient(app).get('/'))).toEqual(['before', 'inner'])
    expect(signedBy(await testClient(app).get('/replaced'))).toEqual(['before'])
  })
})

/** One field of each kind that the rule names. */
const BODY_FIELDS = {
  'Content-Type': 'text/csv',
  'Content-Length': '99',
  'Content-Encoding': 'br',
  'Content-Location': '/body',
  'Content-Range': 'bytes 0-1/2',
  'Content-Disposition': 'attachment',
  'Content-MD5': 'abc',
  Digest: 'sha-256=abc',
  'Content-Digest': 'sha-256=:abc:',
  ETag: '"body"',
  'Last-Modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
  'Accept-Ranges': 'bytes',
  Trailer: 'X-Trailer',
}
const CACHE_FIELDS = { 'Cache-Control': 'max-age=9', Expires: 'Thu, 01 Jan 2099 00:00:00 GMT' }
const OTHER_FIELDS = { 'Content-Language': 'de', 'X-Other': 'yes', Location: '/other' }

/** The names among `fields` whose value a response has. */
const stayed = (response: TestResponse, fields: Record<string, string>) =>
  Object.keys(fields).filter(name => response.header(name) === fields[name])

describe('fields that describe a body', () => {
  const write = (ctx: Context) => {
    ctx.set({ ...BODY_FIELDS, ...CACHE_FIELDS, ...OTHER_FIELDS })
  }
  const others = Object.keys(OTHER_FIELDS)
  const cache = Object.keys(CACHE_FIELDS)

  class FromBefore {
    @BeforeRequest before(ctx: Context) {
      write(ctx)
    }
    @Get('/fails') fails(): string {
      throw new Error('from the view')
    }
    @Get('/aborts') aborts(): string {
      abort(409)
    }
    @Get('/handled') handled(): string {
      throw new RangeError('from the view')
    }
    @Get('/after-makes') makes() {
      afterThisRequest(() => makeResponse('made'))
      return 'text'
    }
    @Get('/after-redirects') redirects() {
      afterThisRequest(() => redirect('/other'))
      return 'text'
    }
    @Get('/redirects') viewRedirects() {
      return redirect('/other')
    }
    @Get('/slash/') slash() {
      return ''
    }
    @ErrorHandler(RangeError) range() {
      return 'handled'
    }
  }

  test.each([
    ...['/fails', '/aborts', '/handled', '/unknown'].map((path): [string, string[]] => [path, []]),
    ...['/after-makes', '/after-redirects', '/redirects'].map((path): [string, string[]] => [path, cache]),
  ])('of the request are not on a response with another body: GET %s', async (path, staysCache) => {
    const response = await clientOf(FromBefore).get(path)
    expect([stayed(response, BODY_FIELDS), stayed(response, CACHE_FIELDS), stayed(response, OTHER_FIELDS)]).toEqual([
      ...[[], staysCache, others],
    ])
    expect(response.header('Content-Length')).toBe(String(response.text.length))
  })

  test.each<[string | string[], boolean]>([
    ['no-store', true],
    ['private, No-Store, max-age=0', true],
    [['private', 'no-store'], true],
    ['private, no-cache', false],
    ['no-store-at-all', false],
    ['public, max-age=9, x="no-store"', false],
  ])('an error keeps the Cache-Control of the request if it forbids to store: %j', async (value, isKept) => {
    class App extends FromBefore {
      @BeforeRequest limit(ctx: Context) {
        ctx.set({ 'Cache-Control': value, Expires: '0' })
      }
    }
    const client = clientOf(App)
    for (const path of ['/fails', '/aborts', '/handled', '/unknown']) {
      const response = await client.get(path)
      const expected = isKept ? String(value).replace('private,no', 'private, no') : undefined
      expect([path, response.header('Cache-Control'), response.header('Expires')]).toEqual([path, expected, undefined])
    }
  })

  test('the redirect to a URL with a slash keeps what is not of a body', async () => {
    const response = await clientOf(FromBefore).get('/slash')
    expect([stayed(response, BODY_FIELDS), stayed(response, CACHE_FIELDS), response.header('Location')]).toEqual([
      ...[[], cache, '/slash/'],
    ])
  })

  test('of a view are not on its redirect, nor on that of an after method', async () => {
    class App {
      @Get('/') index(ctx: Context) {
        write(ctx)
        sign(ctx, 'view')
        return redirect('/other')
      }
      @Get('/after') after(ctx: Context) {
        write(ctx)
        sign(ctx, 'view')
        afterThisRequest(() => redirect('/other'))
        return 'text'
      }
    }
    const view = await clientOf(App).get('/')
    expect([stayed(view, BODY_FIELDS), stayed(view, CACHE_FIELDS), signedBy(view)]).toEqual([[], cache, ['view']])
    const after = await clientOf(App).get('/after')
    expect([stayed(after, BODY_FIELDS), stayed(after, CACHE_FIELDS), signedBy(after)]).toEqual([[], [], []])
  })

  test('a handler and after methods write theirs to an error’s response', async () => {
    class App extends FromBefore {
      @ErrorHandler(409) conflict(_: HttpError, ctx: Context) {
        ctx.set({ ...CACHE_FIELDS, ETag: '"handler"' })
        return makeResponse('handled', 409)
      }
      @AfterRequest after(response: KoaResponse) {
        response.set('Last-Modified', 'now')
        return response
      }
    }
    const response = await clientOf(App).get('/aborts')
    const written = ['ETag', 'Last-Modified'].map(name => response.header(name))
    expect([stayed(response, CACHE_FIELDS), written]).toEqual([cache, ['"handler"', 'now']])
  })

  test('nosniff of a before method is also on a page that middleware around the lifecycle has replaced', async () => {
    class App {
      @BeforeRequest before(ctx: Context) {
        ctx.set('X-Content-Type-Options', 'nosniff')
      }
    }
    const outer: Koa.Middleware = async (ctx, next) => {
      await next()
      if (ctx.body === undefined) ctx.body = 'from outside'
    }
    const response = await clientOf(App, { middleware: [outer] }).get('/unknown')
    expect([response.text, response.header('X-Content-Type-Options')]).toEqual(['from outside', 'nosniff'])
  })
})

describe('makeResponse', () => {
  test('is the value, a status and fields: what the method wrote stays', async () => {
    class App {
      @Get('/') index(ctx: Context) {
        sign(ctx, 'view')
        ctx.attachment('users.csv')
        ctx.set({ Location: '/users/1', 'Cache-Control': 'no-store', ETag: '"1"' })
        return makeResponse('a,b', 201, { 'X-Made': 'yes' })
      }
    }
    const response = await clientOf(App).get('/')
    const names = [
      'Content-Disposition',
      'Content-Type',
      'Location',
      'Cache-Control',
      'ETag',
      'X-Made',
      'Content-Length',
    ]
    expect([response.status, signedBy(response), names.map(name => response.header(name))]).toEqual([
      201,
      ['view'],
      [...['attachment; filename="users.csv"', 'text/csv; charset=utf-8', '/users/1', 'no-store', '"1"', 'yes', '3']],
    ])
  })

  test.each<[string, () => unknown]>([
    ['a text', () => 'half'],
    ['bytes', () => Buffer.from('half')],
    ['JSON', () => ({ half: true })],
    ['nothing', () => null],
  ])('not the fields of a body that the method put, %s, but those that the request had', async (_, half) => {
    class App {
      @BeforeRequest before(ctx: Context) {
        if (ctx.path === '/typed') ctx.type = 'text/css'
      }
      @Get('/<name>') index(_: object, ctx: Context) {
        sign(ctx, 'view')
        ctx.attachment('half.csv')
        ctx.set('Location', '/users/1')
        ctx.body = half()
        return makeResponse(Readable.from(['whole']))
      }
    }
    const seen = async (path: string) => {
      const response = await clientOf(App).get(path)
      const names = ['Content-Type', 'Content-Disposition', 'Content-Length', 'Location']
      return [response.status, response.text, signedBy(response), ...names.map(name => response.header(name))]
    }
    const rest = [undefined, undefined, '/users/1']
    expect(await seen('/untyped')).toEqual([200, 'whole', ['view'], 'application/octet-stream', ...rest])
    expect(await seen('/typed')).toEqual([200, 'whole', ['view'], 'text/css; charset=utf-8', ...rest])
  })

  test('not the fields of the answer of outer middleware, which a view replaces', async () => {
    class App {
      @Get('/') index(ctx: Context) {
        ctx.attachment('users.csv')
        if (ctx.query.after !== undefined) afterThisRequest(() => makeResponse('after'))
        return makeResponse('view')
      }
    }
    const placeholder: Koa.Middleware = async (ctx, next) => {
      sign(ctx as Context, 'outer')
      ctx.set({ ETag: '"outer"', 'Content-Language': 'de' })
      ctx.body = { placeholder: true }
      await next()
    }
    const seen = async (path: string) => {
      const response = await clientOf(App, { middleware: [placeholder] }).get(path)
      const names = ['ETag', 'Content-Language', 'Content-Type', 'Content-Disposition']
      return [response.text, signedBy(response), ...names.map(name => response.header(name))]
    }
    const attachment = ['text/csv; charset=utf-8', 'attachment; filename="users.csv"']
    const html = ['text/html; charset=utf-8', undefined]
    expect(await seen('/')).toEqual(['view', ['outer'], undefined, 'de', ...attachment])
    expect(await seen('/?after')).toEqual(['after', ['outer'], undefined, 'de', ...html])
  })

  test('a length that the view set for its stream stays', async () => {
    class App {
      @Get('/') index(ctx: Context) {
        ctx.length = 5
        return makeResponse(Readable.from(['whole']), 203)
      }
    }
    const response = await clientOf(App).get('/')
    expect([response.status, response.text, response.header('Content-Length')]).toEqual([203, 'whole', '5'])
  })

  test('a type that an earlier method set, with or without a body, stays as it does for a value', async () => {
    class App {
      @BeforeRequest before(ctx: Context) {
        ctx.body = 'from a before method'
      }
      @Get('/value') value() {
        return 'text'
      }
      @Get('/made') made() {
        return makeResponse('text')
      }
    }
    const seen = async (path: string) => {
      const { status, text, headers } = await clientOf(App).get(path)
      return [status, text, headers]
    }
    expect(await seen('/made')).toEqual(await seen('/value'))
  })

  test('twice, or with redirect, in one method: the last', async () => {
    class App {
      @Get('/made') made(ctx: Context) {
        sign(ctx, 'view')
        makeResponse('a', 201, { 'X-First': 'yes', 'Set-Cookie': 'first=1' })
        ctx.set('X-Between', 'yes')
        return makeResponse('b', 200, { 'X-Second': 'yes' })
      }
      @Get('/redirect') redirect(ctx: Context) {
        sign(ctx, 'view')
        makeResponse('a', 201, { 'X-First': 'yes', 'Set-Cookie': 'first=1' })
        return redirect('/other')
      }
      @Get('/back') back(ctx: Context) {
        sign(ctx, 'view')
        redirect('/other')
        return makeResponse('b')
      }
    }
    const seen = async (path: string) => {
      const response = await clientOf(App).get(path)
      const names = ['X-First', 'X-Between', 'X-Second', 'Location']
      return [response.status, cookiesOf(response), ...names.map(name => response.header(name))]
    }
    expect(await seen('/made')).toEqual([200, ['view'], undefined, undefined, 'yes', undefined])
    expect(await seen('/redirect')).toEqual([302, ['view'], undefined, undefined, undefined, '/other'])
    expect(await seen('/back')).toEqual([200, ['view'], undefined, undefined, undefined, undefined])
  })

  test('in an after method: also not what after methods wrote before', async () => {
    class App {
      @BeforeRequest before(ctx: Context) {
        sign(ctx, 'before')
      }
      @Get('/') index(ctx: Context) {
        sign(ctx, 'view')
        afterThisRequest((response, { cookies }) => {
          cookies.set('once', '1')
          return response
        })
        return 'text'
      }
      @AfterRequest last(response: KoaResponse, ctx: Context) {
        sign(ctx, 'last')
        return response
      }
      @AfterRequest replace(_: KoaResponse, ctx: Context) {
        sign(ctx, 'replace')
        return makeResponse('new', 202, { 'X-New': 'yes', 'Set-Cookie': 'made=1' })
      }
    }
    const response = await clientOf(App).get('/')
    expect([response.status, response.header('X-New'), cookiesOf(response), signedBy(response)]).toEqual([
      ...[202, 'yes', ['before', 'made', 'last'], ['before', 'last']],
    ])
  })
})

describe('Set-Cookie and Vary', () => {
  const given = { 'set-cookie': 'given=1', vary: 'Accept, origin' }
  const fetched = () => {
    const headers = new Headers({ vary: 'Accept, origin' })
    headers.append('Set-Cookie', 'given=1')
    return new Response('text', { headers })
  }
  const views: [string, (ctx: Context) => ResponseValue][] = [
    ['given to makeResponse', () => makeResponse('text', 200, given)],
    ['of a WHATWG Response', fetched],
    ['of a WHATWG Response given to makeResponse', () => makeResponse(fetched(), 200)],
    ['of an HTTP error', () => createError(409, { headers: given })],
    ['of an HTTP error given to makeResponse', () => makeResponse(createError(409, { headers: given }), 200)],
    [
      'given to makeResponse with the current response',
      ctx => {
        ctx.body = 'text'
        return makeResponse(ctx.response, 200, given)
      },
    ],
  ]

  test.each(views)('%s are added to those that are there', async (_, view) => {
    class App {
      @BeforeRequest before(ctx: Context) {
        ctx.cookies.set('before', '1')
        ctx.vary('Origin')
      }
      @Get('/') index(ctx: Context) {
        ctx.cookies.set('view', '1')
        return view(ctx)
      }
      @Get('/after') after() {
        afterThisRequest(response => (view === views.at(-1)?.[1] ? makeResponse(response, 200, given) : made(view)))
        return 'text'
      }
    }
    const made = (value: typeof view) => makeResponse(value(undefined as never))
    const response = await clientOf(App).get('/')
    expect([cookiesOf(response), response.header('Vary')]).toEqual([['before', 'view', 'given'], 'Origin, Accept'])
    const after = await clientOf(App).get('/after')
    expect([cookiesOf(after), after.header('Vary')]).toEqual([['before', 'given'], 'Origin, Accept'])
  })

  test.each<[string, string, string | string[], string | undefined]>([
    ['Origin', 'any', '*', '*'],
    ['*', 'any', 'Accept', '*'],
    ['Origin', 'a list', ['Accept', 'Cookie, accept'], 'Origin, Accept, Cookie'],
    ['Origin', 'what is no name', 'b@d, Accept', 'Origin, b@d, Accept'],
    ['Origin', 'nothing', '', 'Origin'],
    ['', 'nothing', ' , ', undefined],
  ])('Vary: %s, and then %s', async (first, _, second, expected) => {
    class App {
      @Get('/') index(ctx: Context) {
        if (first !== '') ctx.set('Vary', first)
        return makeResponse('text', 200, { Vary: second })
      }
    }
    expect((await clientOf(App).get('/')).header('Vary')).toBe(expected)
  })
})

test('a handler answers alone: it passes on the fields of an HTTP error, which are on its default page', async () => {
  class App {
    @Get('/default') index(): string {
      abort(401, 'who?', { headers: { 'WWW-Authenticate': 'Basic' } })
    }
    @Get('/dropped') dropped(): string {
      abort(429, 'later', { headers: { 'Retry-After': '9' } })
    }
    @Get('/passed') passed(): string {
      abort(503, 'later', { headers: { 'Retry-After': '9' } })
    }
    @ErrorHandler(429) drop() {
      return 'later'
    }
    @ErrorHandler(503) pass(error: HttpError) {
      return makeResponse('later', error.status, error.headers)
    }
  }
  const seen = async (path: string) => {
    const response = await clientOf(App).get(path)
    return [response.status, response.header('WWW-Authenticate'), response.header('Retry-After')]
  }
  expect(await seen('/default')).toEqual([401, 'Basic', undefined])
  expect(await seen('/dropped')).toEqual([200, undefined, undefined])
  expect(await seen('/passed')).toEqual([503, undefined, '9'])
})

test('the session’s cookie is on a handled error, and once where it was saved by hand before', async () => {
  class App {
    @BeforeRequest async before() {
      session.count = 1
      await session.save()
    }
    @Get('/') index(ctx: Context): string {
      sign(ctx, 'view')
      abort(403)
    }
  }
  expect(cookiesOf(await clientOf(App).get('/'))).toEqual(['koa.sess', 'koa.sess.sig'])
})

test('a cookie that is added after a snapshot does not get into it, also where Node keeps the fields', async () => {
  class App {
    @BeforeRequest before(ctx: Context) {
      ctx.cookies.set('before', '1')
      if (ctx.path === '/node') ctx.res.appendHeader('X-Appended', 'yes')
    }
    @Get('/node') @Get('/list') fails(ctx: Context): string {
      ctx.cookies.set('view', '1')
      ctx.remove('X-Appended')
      throw new Error('from the view')
    }
  }
  for (const path of ['/node', '/list']) expect(cookiesOf(await clientOf(App).get(path))).toEqual(['before'])
})
