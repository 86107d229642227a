import { createReadStream } from 'node:fs'
import type Koa from 'koa'
import { get, head, outcome, same } from '../support/same'

/** Runs each step on a response of its own, and notes what it gives or throws, and what the fields are after it. */
async function steps(...acts: ((ctx: Koa.Context) => unknown)[]): Promise<unknown[]> {
  const { notes } = await same(
    (app, note) =>
      app.use(ctx => {
        const act = acts[Number(ctx.path.slice(1))] as (ctx: Koa.Context) => unknown
        note(outcome(() => act(ctx)))
        note(ctx.response.header, ctx.status)
        ctx.body = 'end'
      }),
    ...acts.map((_, index) => get(`/${index}`)),
  )
  return notes.filter((_, index) => index % 3 === 0)
}

const OBJECT = { toString: () => 'object' }

/** Koa's types leave it out. */
const has = (owner: unknown, name: unknown) => (owner as { has(name: unknown): boolean }).has(name)

const header = ({ response }: Koa.Context) => ({ ...response.headers })

describe('status', () => {
  test('any of 100 to 999, and the message that belongs to it', async () => {
    const { notes } = await same((app, note) =>
      app.use(ctx => {
        for (const code of [200, 201, 204, 301, 304, 404, 418, 500, 599, 600, 999, 205, 100]) {
          ctx.status = code
          note([ctx.status, ctx.response.status, ctx.res.statusCode, ctx.message, ctx.res.statusMessage])
        }
        ctx.status = 200
      }),
    )
    expect(notes.slice(0, 2)).toEqual([
      [200, 200, 200, 'OK', 'OK'],
      [201, 201, 201, 'Created', 'Created'],
    ])
  })

  test.each<[string, unknown]>([
    ['text', '200'],
    ['a name', 'forbidden'],
    ['a fraction', 200.5],
    ['too small', 99],
    ['too large', 1000],
    ['NaN', NaN],
    ['undefined', undefined],
    ['null', null],
    ['a list', [200]],
    ['an object', { valueOf: () => 200 }],
    ['a bigint', 200n],
    ['true', true],
  ])('none that is %s', async (_, code) => {
    const [refused] = await steps(ctx => (ctx.status = code as number))
    expect(refused).toMatch(/status code/)
  })

  test.each<[string, (ctx: Koa.Context) => unknown, string]>([
    ['of its own', ctx => (ctx.message = 'Fine'), '404 Fine'],
    ['empty', ctx => (ctx.message = ''), '404 Not Found'],
    ['before a status', ctx => ((ctx.message = 'Fine'), (ctx.status = 201)), '201 Created'],
    ['after a status', ctx => ((ctx.status = 201), (ctx.message = 'Fine')), '201 Fine'],
    ['by the response', ctx => (ctx.response.message = 'Fine'), '404 Fine'],
    ['by Node', ctx => (ctx.res.statusMessage = 'Fine'), '404 Fine'],
    ['by Node, with its status', ctx => ((ctx.res.statusCode = 299), (ctx.res.statusMessage = 'Fine')), '299 Fine'],
    ['with a line break', ctx => (ctx.message = 'Fine\r\nX: y'), '500 Internal Server Error'],
    ['beyond Latin-1', ctx => (ctx.message = 'Ωmega'), '500 Internal Server Error'],
  ])('a message %s', async (_, act, expected) => {
    const { short } = await same(app => app.use(ctx => void act(ctx)), get('/'), head('/'))
    expect(short[0]).toMatch(new RegExp(`^${expected} \\|`))
  })

  test('the text of a response without a body is its message', async () => {
    const { short } = await same(app => app.use(ctx => void ((ctx.status = 403), (ctx.message = 'Not you'))))
    expect(short[0]).toMatch(/^403 Not you .* Not you$/)
  })
})

describe('fields', () => {
  test('set: text, numbers, lists, objects, and invalid fields', async () => {
    const notes = await steps(
      ctx => (ctx.set('X-A', 'a'), ctx.response.get('x-a')),
      ctx => (ctx.set('X-A', 5 as unknown as string), header(ctx)),
      ctx => (ctx.set('X-A', ['a', 'b']), header(ctx)),
      ctx => (ctx.set('X-A', []), header(ctx)),
      ctx => (ctx.set({ 'X-A': 'a', 'X-B': ['b', 'c'], 'X-C': 1 as unknown as string }), header(ctx)),
      ctx => (ctx.set({}), header(ctx)),
      ctx => (ctx.set('X-A', 'a'), ctx.set('x-a', 'b'), header(ctx)),
      ctx => (ctx.set('X-A', ''), header(ctx)),
      ctx => (ctx.set('', 'a'), header(ctx)),
      ctx => (ctx.set(undefined as unknown as string, 'a'), header(ctx)),
      ctx => (ctx.set(null as unknown as string, 'a'), header(ctx)),
      ctx => (ctx.set(new Map([['x', 'y']]) as unknown as Record<string, string>), header(ctx)),
      ctx => (ctx.set([['X-A', 'a']] as unknown as Record<string, string>), header(ctx)),
      ctx => ctx.set('X-A', undefined as unknown as string),
      ctx => (ctx.set('X-A', null as unknown as string), header(ctx)),
      ctx => (ctx.set('X-A', true as unknown as string), header(ctx)),
      ctx => (ctx.set('X-A', new Date(0) as unknown as string), header(ctx)),
      ctx => (ctx.set('X-A', OBJECT as unknown as string), header(ctx)),
      ctx => ctx.set('X A', 'a'),
      ctx => ctx.set('X:', 'a'),
      ctx => ctx.set('X-Ä', 'a'),
      ctx => ctx.set('X-A', 'a\r\nX-B: b'),
      ctx => ctx.set('X-A', 'Ω'),
      ctx => (ctx.set('X-A', 'ü'), header(ctx)),
      ctx => ctx.set('X-A', ['a', 'b\n']),
      ctx => ctx.set({ 'X-A': 'a', 'X B': 'b' }),
      ctx => ctx.set(5 as unknown as string, 'a'),
      ctx => ctx.set('Content-Type', ['text/css']),
      ctx => ctx.set('Content-Type', ['text/css', 'text/html']),
      ctx => ctx.set('content-length', []),
      ctx => ctx.set({ 'Content-Length': ['3'] }),
      ctx => ctx.set({ 'X-A': 'a', 'content-type': ['a', 'b'] }),
      ctx => (ctx.set('__proto__', 'a'), header(ctx)),
      ctx => (ctx.set('constructor', 'a'), ctx.response.get('toString')),
    )
    expect(notes.slice(0, 5)).toEqual([
      ...['a', { 'x-a': 5 }, { 'x-a': ['a', 'b'] }, { 'x-a': [] }, { 'x-a': 'a', 'x-b': ['b', 'c'], 'x-c': 1 }],
    ])
  })

  test('append', async () => {
    const notes = await steps(
      ctx => (ctx.append('X-A', 'a'), header(ctx)),
      ctx => (ctx.append('X-A', 'a'), ctx.append('X-A', 'b'), header(ctx)),
      ctx => (ctx.append('X-A', ['a', 'b']), ctx.append('x-a', 'c'), header(ctx)),
      ctx => (ctx.append('X-A', 'a'), ctx.append('X-A', ['b', 'c']), header(ctx)),
      ctx => (ctx.set('Link', '<a>'), ctx.append('Link', '<b>'), header(ctx)),
      ctx => (ctx.append('Set-Cookie', 'a=b'), ctx.append('Set-Cookie', 'c=d'), header(ctx)),
      ctx => (ctx.append('X-A', 'a'), ctx.set('X-A', 'b'), header(ctx)),
      ctx => (ctx.set('X-A', ''), ctx.append('X-A', 'b'), header(ctx)),
      ctx => ctx.append('X-A', undefined as unknown as string),
      ctx => ((ctx.type = 'css'), ctx.append('Content-Type', 'text/html')),
    )
    expect(notes[1]).toEqual({ 'x-a': ['a', 'b'] })
  })

  test('has, get, remove, header and headers', async () => {
    const notes = await steps(
      ctx => [has(ctx, 'X-A'), ctx.response.get('X-A'), ctx.response.header === ctx.response.headers],
      ctx => (ctx.set('X-A', 'a'), [has(ctx, 'x-A'), has(ctx.response, 'X-a'), ctx.response.get('x-a')]),
      ctx => (ctx.set('X-A', 'a'), ctx.remove('x-a'), [has(ctx, 'X-A'), header(ctx)]),
      ctx => (ctx.remove('X-A'), header(ctx)),
      ctx => (ctx.set('X-A', 'a'), delete ctx.response.headers['x-a'], header(ctx)),
      ctx => ((ctx.response.headers['x-a'] = 'b'), header(ctx)),
      ctx => Object.getPrototypeOf(ctx.response.headers),
      ctx => has(ctx, undefined),
      ctx => ctx.response.get(undefined as unknown as string),
      ctx => ctx.response.get(5 as unknown as string),
      ctx => ctx.remove(undefined as unknown as string),
      ctx => has(ctx, ''),
    )
    expect(notes.slice(0, 3)).toEqual([
      [false, undefined, false],
      [true, true, 'a'],
      [false, {}],
    ])
  })

  test('on the wire: names as they were written, in their order, and lists as lines', async () => {
    const { short } = await same(app =>
      app.use(ctx => {
        ctx.set('x-lower', 'a')
        ctx.set('X-UPPER', 'b')
        ctx.set('X-List', ['c', 'd'])
        ctx.set('x-LOWER', 'e')
        ctx.set('X-Gone', 'f')
        ctx.remove('x-gone')
        ctx.set('X-Empty', '')
        ctx.set('X-None', [])
        ctx.set('X-Latin', 'ü')
        ctx.set('Set-Cookie', ['g=1', 'h=2'])
        ctx.set('Cookie', ['i', 'j'])
        ctx.set('X-Number', 5 as unknown as string)
        ctx.set('X-Null', null as unknown as string)
        ctx.body = 'end'
      }),
    )
    expect(short[0]).toBe(
      '200 OK | x-LOWER: e | X-UPPER: b | X-List: c | X-List: d | X-Empty:  | X-Latin: Ã¼ | Set-Cookie: g=1 | Set-Cookie: h=2 | ' +
        'Cookie: i; j | X-Number: 5 | X-Null: null | Content-Type: text/plain; charset=utf-8 | Content-Length: 3 |  | end',
    )
  })

  test('vary', async () => {
    const notes = await steps(
      ctx => (ctx.vary('Accept'), header(ctx)),
      ctx => (ctx.vary('Accept'), ctx.vary('accept'), ctx.vary('Cookie'), header(ctx)),
      ctx => (ctx.vary(['Accept', 'Cookie']), header(ctx)),
      ctx => (ctx.vary('*'), ctx.vary('Accept'), header(ctx)),
      ctx => (ctx.set('Vary', ['Accept', 'Cookie']), ctx.vary('Origin'), header(ctx)),
      ctx => ctx.vary(''),
      ctx => ctx.vary('a b'),
    )
    expect(notes[1]).toEqual({ vary: 'Accept, Cookie' })
  })
})

describe('properties that set a field', () => {
  test('type', async () => {
    const types = [
      ...['html', '.html', 'json', 'text', 'png', 'text/plain', 'text/html; charset=latin1', 'application/json', 'bin'],
      ...[
        'text/x-own',
        'no such',
        'nosuch',
        '',
        'x/y',
        'image/svg+xml',
        'application/javascript',
        'md',
        'HTML',
        'a/b/c',
      ],
      ...['constructor', '__proto__', ' html ', 'html\n'],
    ]
    const others = [null, undefined, false, 5, {}, []] as unknown as string[]
    const sets = [...types, ...others].flatMap(type => [
      (ctx: Koa.Context) => ((ctx.type = type), [ctx.type, ctx.response.type, ctx.response.get('Content-Type')]),
      (ctx: Koa.Context) => ((ctx.type = 'css'), (ctx.type = type), header(ctx)),
    ])
    const notes = await steps(...sets, ...sets)
    expect(notes[0]).toEqual(['text/html', 'text/html', 'text/html; charset=utf-8'])
  })

  test('a type that is set too late does not change the type of other responses', async () => {
    const { short } = await same(
      app =>
        app.use(ctx => {
          if (ctx.path === '/late') {
            ctx.type = 'text'
            ctx.flushHeaders()
          }
          ctx.type = 'application/x-late'
          ctx.body = 'end'
        }),
      get('/late'),
      get('/'),
    )
    expect(short[1]).toMatch(/^200 OK \| Content-Type: application\/x-late \|/)
  })

  test('a type changed through setHeader does not change the type of other responses', async () => {
    const { short } = await same(
      app =>
        app.use(ctx => {
          const { res } = ctx
          const setHeader = res.setHeader.bind(res)
          if (ctx.path === '/other') res.setHeader = (name, value) => setHeader(name, `${value}; other=yes`)
          ctx.type = 'application/x-otherwise'
          ctx.body = 'end'
        }),
      get('/other'),
      get('/'),
    )
    expect(short[1]).toMatch(/^200 OK \| Content-Type: application\/x-otherwise \|/)
  })

  test('length', async () => {
    const notes = await steps(
      ctx => ctx.length,
      ctx => ((ctx.length = 5), [ctx.length, header(ctx)]),
      ctx => ((ctx.length = '5' as unknown as number), [ctx.length, header(ctx)]),
      ctx => ((ctx.length = 0), [ctx.length, header(ctx)]),
      ctx => ((ctx.length = NaN), [ctx.length, header(ctx)]),
      ctx => ((ctx.length = 'x' as unknown as number), [ctx.length, header(ctx)]),
      ctx => ((ctx.length = undefined as unknown as number), [ctx.length, header(ctx)]),
      ctx => (ctx.set('Transfer-Encoding', 'chunked'), (ctx.length = 5), [ctx.length, header(ctx)]),
      ctx => ((ctx.body = 'text'), ctx.remove('Content-Length'), ctx.length),
      ctx => ((ctx.body = { a: 'ü' }), ctx.length),
      ctx => ((ctx.body = createReadStream(__filename)), ctx.length),
    )
    expect(notes.slice(0, 2)).toEqual([undefined, [5, { 'content-length': 5 }]])
  })

  test('etag and lastModified', async () => {
    const notes = await steps(
      ctx => [ctx.etag, ctx.lastModified],
      ctx => ((ctx.etag = 'abc'), [ctx.etag, header(ctx)]),
      ctx => ((ctx.etag = '"abc"'), ctx.etag),
      ctx => ((ctx.etag = 'W/"abc"'), ctx.response.etag),
      ctx => ((ctx.etag = ''), ctx.etag),
      ctx => ((ctx.lastModified = new Date(1e12)), [ctx.lastModified, header(ctx)]),
      ctx => ((ctx.lastModified = '2001-09-09T01:46:40Z' as unknown as Date), [ctx.lastModified, header(ctx)]),
      ctx => ((ctx.lastModified = 'nonsense' as unknown as Date), header(ctx)),
      ctx => (ctx.lastModified = undefined as unknown as Date),
    )
    expect(notes[1]).toEqual(['"abc"', { etag: '"abc"' }])
  })

  test('attachment', async () => {
    const notes = await steps(
      ctx => (ctx.attachment(), header(ctx)),
      ctx => (ctx.attachment('a.png'), header(ctx)),
      ctx => (ctx.attachment('path/to/tobi.txt'), header(ctx)),
      ctx => (ctx.attachment('ü".json'), header(ctx)),
      ctx => (ctx.attachment('Ω.html', { fallback: 'omega.html', type: 'inline' }), header(ctx)),
      ctx => ((ctx.type = 'css'), ctx.attachment('a.png'), header(ctx)),
      ctx => ctx.attachment(5 as unknown as string),
    )
    expect(notes[1]).toEqual({ 'content-disposition': 'attachment; filename="a.png"', 'content-type': 'image/png' })
  })

  test('is', async () => {
    const notes = await steps(
      ctx => [ctx.response.is('html'), ctx.response.is(), ctx.response.is(['text', 'json'])],
      ctx => ((ctx.type = 'html'), [ctx.response.is('html'), ctx.response.is('text/*', 'json'), ctx.response.is()]),
      ctx => ((ctx.type = 'json'), [ctx.response.is('html'), ctx.response.is(['html', 'json'])]),
    )
    expect(notes[1]).toEqual(['html', 'text/html', 'text/html'])
  })
})

describe('redirects', () => {
  const urls = [
    ...[
      '/login',
      'http://example.com/a?b=c',
      'https://example.com',
      'back',
      '/ü',
      '/a b',
      '/<script>',
      '',
      '//example.com',
    ],
    ...['HTTP://EXAMPLE.com/%zz', 'http://', 'javascript:alert(1)', '/a\r\nX: y', '/%E0%A4%A', '..', '?a', '#b'],
  ]
  test.each(['*/*', 'text/html', 'text/plain', 'application/json', ''])(
    'for a client that accepts %j',
    async accept => {
      const { short } = await same(
        app => app.use(ctx => ctx.redirect(urls[Number(ctx.path.slice(1))] as string)),
        ...urls.map((_, index) => get(`/${index}`, { Accept: accept })),
      )
      expect(short[0]).toMatch(/^302 Found \| Location: \/login \| Content-Type: text\/(html|plain); charset=utf-8/)
    },
  )

  test('with a status, a body, a type or a length of its own', async () => {
    const acts: Koa.Middleware[] = [
      ctx => ((ctx.status = 301), ctx.redirect('/a')),
      ctx => ((ctx.status = 200), ctx.redirect('/a')),
      ctx => (ctx.redirect('/a'), void (ctx.status = 307)),
      ctx => (ctx.redirect('/a'), void (ctx.body = 'own')),
      ctx => (ctx.redirect('/a'), void (ctx.body = { own: 1 })),
      ctx => ((ctx.body = { own: 1 }), ctx.redirect('/a')),
      ctx => ((ctx.body = createReadStream(__filename)), ctx.redirect('/a')),
      ctx => ((ctx.type = 'json'), ctx.redirect('/a')),
      ctx => ((ctx.length = 1000), ctx.redirect('/a')),
      ctx => ctx.redirect(undefined as unknown as string),
      ctx => ctx.redirect(new URL('http://example.com/a') as unknown as string),
    ]
    const { short } = await same(
      app => app.use((ctx, next) => acts[Number(ctx.path.slice(1))]?.(ctx, next)),
      ...acts.map((_, index) => get(`/${index}`)),
    )
    expect(short.slice(0, 3).map(each => each.slice(0, 3))).toEqual(['301', '302', '307'])
  })

  test.each([
    [undefined, undefined, '/'],
    [undefined, '/alt', '/alt'],
    ['http://localhost/before', '/alt', 'http://localhost/before'],
    ['/relative', '/alt', '/relative'],
    ['http://other.example/', '/alt', '/alt'],
    ['http://other.example/', undefined, '/'],
    ['//other.example/', '/alt', '/alt'],
    ['nonsense', '/alt', 'nonsense'],
    ['http://[', '/alt', undefined],
  ])('back from %j, or else to %j', async (referrer, alternative, expected) => {
    const setUp = (app: Koa) => app.use(ctx => ctx.back(alternative as string))
    const requests = ['Referer', 'Referrer'].map(name => get('/', referrer === undefined ? {} : { [name]: referrer }))
    const { wire } = await same(setUp, ...requests)
    expect(wire.map(each => /Location: (.*)\r/.exec(each)?.[1])).toEqual([expected, expected])
  })
})

describe('after the fields were sent', () => {
  test('they can be read, and setting them does nothing', async () => {
    const { notes, short } = await same((app, note) =>
      app.use(ctx => {
        ctx.set('X-A', 'a')
        ctx.type = 'html'
        note(ctx.headerSent, ctx.writable, ctx.response.headerSent)
        ctx.flushHeaders()
        note(ctx.headerSent, ctx.writable, ctx.response.headerSent)
        ctx.set('X-B', 'b')
        ctx.set({ 'X-C': 'c' })
        ctx.append('X-A', 'd')
        ctx.remove('X-A')
        ctx.vary('Accept')
        ctx.status = 500
        ctx.type = 'json'
        ctx.length = 5
        ctx.etag = 'e'
        ctx.lastModified = new Date()
        ctx.attachment('f.png')
        note(outcome(() => ctx.redirect('/')))
        note(ctx.status, ctx.type, has(ctx, 'X-B'), ctx.response.get('X-A'), ctx.response.headers)
        ctx.body = { end: true }
      }),
    )
    expect(notes.slice(0, 6)).toEqual([false, true, false, true, true, true])
    expect(short[0]).toMatch(/^404 Not Found \| X-A: a \| Content-Type: text\/html; charset=utf-8 \| Transfer-Encoding/)
  })

  test('nothing can be written after the end', async () => {
    const { notes } = await same((app, note) =>
      app.use(async ctx => {
        ctx.res.end('end')
        note(ctx.writable, ctx.headerSent, ctx.response.writable, ctx.res.writableEnded)
        ctx.body = 'more'
        ctx.set('X-A', 'a')
        await new Promise(resolve => setImmediate(resolve))
        note(ctx.writable, ctx.headerSent, ctx.body, ctx.status)
      }),
    )
    expect(notes).toEqual([false, true, false, true, false, true, 'more', 404])
  })

  test('a response is not writable once its socket is gone', async () => {
    const { notes, wire } = await same((app, note) =>
      app.use(ctx => {
        ctx.socket.destroy()
        note(ctx.writable)
        ctx.body = 'unseen'
      }),
    )
    expect([notes, wire]).toEqual([[false], ['']])
  })
})
