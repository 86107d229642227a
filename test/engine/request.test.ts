import type Koa from 'koa'
import { get, outcome, post, same, sameWith } from '../support/same'

/** All that a URL becomes. */
const parts = (ctx: Koa.Context) => [
  [ctx.url, ctx.originalUrl, ctx.path, ctx.querystring, ctx.search, ctx.href, ctx.origin],
  [ctx.request.url, ctx.request.originalUrl, ctx.request.path, ctx.request.querystring, ctx.request.search],
  [
    ctx.query,
    Object.getPrototypeOf(ctx.query),
    ctx.query === ctx.query,
    String(outcome(() => ctx.URL.href)),
    ctx.req.url,
  ],
]

const URLS = [
  ...[
    '/',
    '/a',
    '/a/',
    '/a/b.html',
    '/a?b=c',
    '/a?b=c&b=d&e',
    '/a?',
    '/a?b?c',
    '/?/a',
    '//',
    '//x',
    '//x/y?z',
    '///',
    '/a//b',
  ],
  ...[
    'http://example.com/path?q=1',
    'http://example.com',
    'HTTP://EXAMPLE.com/',
    'https://u:p@example.com:81/#h',
    '*',
    '/*',
  ],
  ...[
    '/a#b',
    '/a?b#c',
    '/#',
    '/%E0%A4%A',
    '/%zz?%zz=%zz',
    '/a%20b?c%20d=e+f',
    '/%2F',
    '/a;b=c',
    '/\'"<>`{}|\\^',
    '/a\\b',
    '/a:b@c',
  ],
  ...[
    '/ü',
    '/?ü=ü',
    '/a\tb',
    '/a\u00a0b',
    '/..',
    '/a/../b',
    '/.',
    '/__proto__?__proto__=1&constructor=2',
    '/?a[b]=c&a[]=d',
  ],
  ...['a', 'a/b', '?a', 'x:y', '/a?b=http://c/d', '/?=', '/?&&', '/?a=1&a=2&a=3', '/' + 'x'.repeat(2000)],
]

test.each(URLS)('the URL %s', async url => {
  const { notes } = await same(
    (app, note) => app.use(ctx => (note(...parts(ctx)), void (ctx.body = ctx.path))),
    get(url),
  )
  expect(notes.length === 0 || (notes[0] as unknown[])[0] === url).toBe(true)
})

test.each<[string, (ctx: Koa.Context) => unknown]>([
  ['path', ctx => (ctx.path = '/new')],
  ['path, to the same', ctx => (ctx.path = '/old')],
  ['path, to one with a query', ctx => (ctx.path = '/new?x=y')],
  ['path, to an empty one', ctx => (ctx.path = '')],
  ['path, to one beyond ASCII', ctx => (ctx.path = '/ü\ufeff')],
  ['request.path', ctx => (ctx.request.path = '/new')],
  ['url', ctx => (ctx.url = '/new?x=y')],
  ['url, to a relative one', ctx => (ctx.url = 'new?x=y')],
  ['url, to an empty one', ctx => (ctx.url = '')],
  ['url, with odd characters', ctx => (ctx.url = '/a\ufeffb\u2028c d#e?f')],
  ['request.url', ctx => (ctx.request.url = '/new')],
  ['req.url', ctx => (ctx.req.url = '/new?x=y')],
  ['originalUrl', ctx => (ctx.originalUrl = '/new')],
  ['request.originalUrl', ctx => (ctx.request.originalUrl = '/new')],
  ['querystring', ctx => (ctx.querystring = 'x=y')],
  ['querystring, to the same', ctx => (ctx.querystring = 'a=b&c')],
  ['querystring, to an empty one', ctx => (ctx.querystring = '')],
  ['search', ctx => (ctx.search = '?x=y')],
  ['search, without ?', ctx => (ctx.search = 'x=y')],
  ['query', ctx => (ctx.query = { x: 'y', z: ['1', '2'] })],
  ['query, to an empty one', ctx => (ctx.query = {})],
  ['a key of query', ctx => (ctx.query.x = 'y')],
  ['method', ctx => (ctx.method = 'DELETE')],
  ['req.method', ctx => (ctx.req.method = 'HEAD')],
  ['headers', ctx => (ctx.headers = { host: 'new.example' })],
  ['header', ctx => (ctx.header = { host: 'new.example' })],
  ['request.headers', ctx => (ctx.request.headers = { host: 'new.example' })],
  ['req.headers.host', ctx => (ctx.req.headers.host = 'new.example')],
  ['a field of headers', ctx => (ctx.headers['x-new'] = 'a')],
  ['ip', ctx => (ctx.request.ip = '1.2.3.4')],
  ['ctx.ip', ctx => (ctx.ip = '1.2.3.4')],
  ['accept', ctx => (ctx.accept = { types: () => 'own' } as unknown as Koa.Context['accept'])],
  ['idempotent', ctx => (ctx.idempotent = true as never)],
  ['socket', ctx => (ctx.socket = undefined as never)],
  ['host', ctx => ((ctx as { host: string }).host = 'new.example')],
  ['href', ctx => ((ctx as { href: string }).href = 'new')],
  ['req', ctx => (ctx.req = ctx.request.req)],
  ['body of the request', ctx => ((ctx.request as { body?: unknown }).body = { a: 1 })],
])('what follows from setting %s', async (_, act) => {
  const { notes } = await same(
    (app, note) =>
      app.use(ctx => {
        const look = () =>
          note(...parts(ctx), ctx.method, ctx.host, ctx.ip, ctx.get('Host'), { ...ctx.headers }, ctx.idempotent)
        look()
        note(outcome(() => act(ctx) === undefined))
        look()
        note(ctx.accepts('html'), ctx.originalUrl, (ctx.request as { body?: unknown }).body)
        ctx.body = 'end'
      }),
    get('/old?a=b&c', { Accept: 'text/html' }),
  )
  expect((notes[0] as unknown[])[2]).toBe('/old')
})

const hosts = [
  ...['localhost', 'example.com:8080', 'a.b.example.co.uk', '[::1]', '[::1]:80', '127.0.0.1:80', 'EXAMPLE.com', ''],
  ...[
    'user@example.com',
    'user:pass@example.com:81',
    'a, b',
    '[',
    '[::1',
    '[zz]',
    'x y',
    '/x',
    '@',
    'a@[',
    '[::1]/x',
    ':80',
    'ü.example',
  ],
]

test.each(hosts)('the host %j', async host => {
  const setUp = (app: Koa, note: (...values: unknown[]) => void) =>
    app.use(ctx => {
      note(
        ctx.host,
        ctx.hostname,
        ctx.subdomains,
        ctx.href,
        ctx.origin,
        outcome(() => ctx.URL.host),
        ctx.request.host,
      )
      ctx.body = ctx.host
    })
  await same(setUp, get('/', { Host: host }), get('/', { 'X-Forwarded-Host': host }))
  const options = { proxy: true, subdomainOffset: 3 }
  const { notes } = await sameWith(options, setUp, get('/'), get('/', { 'X-Forwarded-Host': host }))
  expect(notes[0]).toBe('localhost')
})

test('HTTP/1.0, without a host', async () => {
  const { notes } = await same(
    (app, note) => app.use(ctx => (note(ctx.host, ctx.hostname, ctx.href, ctx.subdomains), void (ctx.body = 'x'))),
    'GET / HTTP/1.0\r\n\r\n',
  )
  expect(notes).toEqual(['', '', 'http:///', []])
})

const addresses = (app: Koa, note: (...values: unknown[]) => void) =>
  app.use(ctx => {
    note(ctx.ip, ctx.ips, ctx.protocol, ctx.secure, ctx.request.ip, ctx.request.ips, ctx.host)
    ctx.body = 'x'
  })

const forwarded = [
  get('/'),
  get('/', {
    'X-Forwarded-For': '1.1.1.1, 2.2.2.2 ,3.3.3.3',
    'X-Forwarded-Proto': 'HTTPS, http',
    'X-Forwarded-Host': 'a, b',
  }),
  get('/', { 'X-Forwarded-For': '', 'X-Forwarded-Proto': '', 'X-Forwarded-Host': '' }),
  get('/', { 'X-Client-IP': '4.4.4.4, 5.5.5.5', 'X-Forwarded-Proto': 'http' }),
]

test('without the option proxy, the fields of a proxy are ignored', async () => {
  const { notes } = await same(addresses, ...forwarded)
  expect(notes.slice(7, 14)).toEqual(['127.0.0.1', [], 'http', false, '127.0.0.1', [], 'localhost'])
})

test.each([
  [{ proxy: true }, ['1.1.1.1', ['1.1.1.1', '2.2.2.2', '3.3.3.3'], 'https', true]],
  [{ proxy: true, maxIpsCount: 2 }, ['2.2.2.2', ['2.2.2.2', '3.3.3.3'], 'https', true]],
  [{ proxy: true, maxIpsCount: 9 }, ['1.1.1.1', ['1.1.1.1', '2.2.2.2', '3.3.3.3'], 'https', true]],
  [{ proxy: true, proxyIpHeader: 'X-Client-IP' }, ['127.0.0.1', [], 'https', true]],
])('behind a proxy, with %j', async (options, expected) => {
  const { notes } = await sameWith(options, addresses, ...forwarded)
  expect(notes.slice(7, 11)).toEqual(expected)
})

test('proxy and the like may also be set later', async () => {
  const { notes } = await same(
    (app, note) => {
      addresses(app, note)
      Object.assign(app, { proxy: true, proxyIpHeader: 'X-Client-IP', maxIpsCount: 1, subdomainOffset: 1 })
    },
    ...forwarded,
  )
  expect(notes.slice(21, 23)).toEqual(['5.5.5.5', ['5.5.5.5']])
})

describe('content negotiation', () => {
  const ask = (ctx: Koa.Context) => [
    [
      ctx.accepts(),
      ctx.accepts('html'),
      ctx.accepts('json', 'text'),
      ctx.accepts(['png', 'html']),
      ctx.accepts('text/*'),
    ],
    [ctx.acceptsEncodings(), ctx.acceptsEncodings('gzip', 'br'), ctx.acceptsEncodings(['identity'])],
    [
      ctx.acceptsCharsets(),
      ctx.acceptsCharsets('utf-8', 'latin1'),
      ctx.acceptsLanguages(),
      ctx.acceptsLanguages(['de', 'en']),
    ],
    [
      ctx.request.accepts('html'),
      ctx.request.acceptsEncodings('gzip'),
      ctx.accept === ctx.request.accept,
      ctx.accept.types('html'),
    ],
  ]

  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['a type', { Accept: 'text/html' }],
    ['types with weights', { Accept: 'text/*;q=.5, application/json, image/png;q=0' }],
    ['encodings', { 'Accept-Encoding': 'gzip;q=.5, br, identity;q=0' }],
    ['charsets and languages', { 'Accept-Charset': 'latin1;q=.2, utf-8', 'Accept-Language': 'en;q=.8, de-AT, *;q=.1' }],
    ['nonsense', { Accept: ';;,', 'Accept-Encoding': ',,', 'Accept-Language': ';q=x' }],
    ['empty fields', { Accept: '', 'Accept-Encoding': '', 'Accept-Charset': '', 'Accept-Language': '' }],
  ])('a client that says %s', async (_, headers) => {
    const { notes } = await same(
      (app, note) => app.use(ctx => (note(...ask(ctx)), void (ctx.body = 'x'))),
      get('/', headers),
    )
    expect(notes).toHaveLength(4)
  })

  test.each([
    ...[
      'text/html',
      'text/html; charset=latin1',
      'application/json',
      'application/vnd.api+json',
      'multipart/form-data; boundary=x',
    ],
    ...['nonsense', 'text/html; charset', 'text/html; charset="utf-8"; a=b', '/', ''],
  ])('the content type %j', async type => {
    const { notes } = await same(
      (app, note) =>
        app.use(ctx => {
          const { request } = ctx
          note([request.type, request.charset, request.length, ctx.get('Content-Type'), request.get('content-TYPE')])
          note([
            ctx.is(),
            ctx.is('html'),
            ctx.is('json', 'urlencoded'),
            ctx.is(['text/*', '+json']),
            request.is('multipart'),
          ])
          ctx.body = 'x'
        }),
      post('/', 'body', { 'Content-Type': type }),
      get('/', { 'Content-Type': type }),
      post('/', '', { 'Content-Type': type }),
    )
    expect((notes[0] as unknown[]).slice(2, 4)).toEqual([4, type])
  })

  test('get and the fields of the request', async () => {
    const headers = {
      Referer: 'a',
      'X-List': 'b, c',
      'x-lower': 'd',
      'Content-Length': '0',
      Cookie: 'e=f; g=h',
      Origin: 'null',
    }
    const { notes } = await same(
      (app, note) =>
        app.use(ctx => {
          for (const name of [
            'referer',
            'Referrer',
            'REFERER',
            'x-list',
            'X-Lower',
            'none',
            '',
            'constructor',
            '__proto__',
          ])
            note(
              outcome(() => ctx.get(name)),
              ctx.request.get(name) === ctx.get(name),
            )
          note(
            outcome(() => ctx.get(undefined as unknown as string)),
            outcome(() => ctx.get(5 as unknown as string)),
          )
          note(ctx.headers === ctx.req.headers, ctx.header === ctx.headers, ctx.request.header === ctx.request.headers)
          note(ctx.origin, ctx.request.origin, ctx.length, ctx.request.length, ctx.cookies.get('g'))
          ctx.body = 'x'
        }),
      get('/', headers),
    )
    expect(notes.slice(0, 6)).toEqual(['a', true, 'a', true, 'a', true])
  })
})

test.each<[string, Record<string, string>, (ctx: Koa.Context) => unknown, string, boolean]>([
  ['the same ETag', { 'If-None-Match': '"a"' }, ctx => (ctx.etag = 'a'), 'GET', true],
  ['another ETag', { 'If-None-Match': '"b"' }, ctx => (ctx.etag = 'a'), 'GET', false],
  ['a weak ETag', { 'If-None-Match': 'W/"a", "b"' }, ctx => (ctx.etag = 'a'), 'GET', true],
  ['any ETag', { 'If-None-Match': '*' }, ctx => (ctx.etag = 'a'), 'GET', true],
  ['no ETag', {}, ctx => (ctx.etag = 'a'), 'GET', false],
  ['a HEAD', { 'If-None-Match': '"a"' }, ctx => (ctx.etag = 'a'), 'HEAD', true],
  ['a POST', { 'If-None-Match': '"a"' }, ctx => (ctx.etag = 'a'), 'POST', false],
  [
    'a later date',
    { 'If-Modified-Since': new Date(2e12).toUTCString() },
    ctx => (ctx.lastModified = new Date(1e12)),
    'GET',
    true,
  ],
  [
    'an earlier date',
    { 'If-Modified-Since': new Date(0).toUTCString() },
    ctx => (ctx.lastModified = new Date(1e12)),
    'GET',
    false,
  ],
  ['no-cache', { 'If-None-Match': '"a"', 'Cache-Control': 'no-cache' }, ctx => (ctx.etag = 'a'), 'GET', false],
  ['an error', { 'If-None-Match': '"a"' }, ctx => ((ctx.etag = 'a'), (ctx.status = 404)), 'GET', false],
  ['a 304', { 'If-None-Match': '"a"' }, ctx => ((ctx.etag = 'a'), (ctx.status = 304)), 'GET', true],
])('fresh and stale: %s', async (_, headers, act, method, fresh) => {
  const { notes } = await same(
    (app, note) =>
      app.use(ctx => {
        ctx.status = 200
        act(ctx)
        note(ctx.fresh, ctx.stale, ctx.request.fresh, ctx.request.stale)
        if (ctx.fresh) ctx.status = 304
        else ctx.body = 'x'
      }),
    get('/', headers, method),
  )
  expect(notes).toEqual([fresh, !fresh, fresh, !fresh])
})

test('requests whose fields are repeated, folded or odd', async () => {
  const request = [
    'GET / HTTP/1.1',
    'host: a',
    'X-A: 1',
    'x-a: 2',
    'Cookie: a=b',
    'Cookie: c=d',
    'X-Empty:',
    'X-Latin: \u00fc',
  ]
  const { notes } = await same(
    (app, note) =>
      app.use(ctx => (note({ ...ctx.headers }, ctx.req.rawHeaders, ctx.cookies.get('c')), void (ctx.body = 'x'))),
    [...request, 'Connection: close', '', ''].join('\r\n'),
  )
  expect(notes[0]).toEqual({
    host: 'a',
    'x-a': '1, 2',
    cookie: 'a=b; c=d',
    'x-empty': '',
    'x-latin': 'ü',
    connection: 'close',
  })
})
