import { once } from 'node:events'
import { ServerResponse, validateHeaderName } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import type Koa from 'koa'
import { get, head, outcome, post, same } from '../support/same'

// What middleware does to Node's own response, past Koa.

type Res = Koa.Context['res'] & { getRawHeaderNames(): string[] }
type Act = (res: Res, ctx: Koa.Context) => unknown

/** The fields of a response, by all the ways that there are to ask. */
const look = (res: Res) => [
  ...[res.getHeaders(), res.getHeaderNames(), res.headersSent, res.statusCode, res.statusMessage],
  res.getHeaderNames().map(name => [res.getHeader(name), res.getHeader(name.toUpperCase()), res.hasHeader(name)]),
]

/** Runs each act on a response of its own, and looks at it before and after. */
async function acts(...each: Act[]) {
  const { short, notes, reported } = await same(
    (app, note) =>
      app.use(ctx => {
        const act = each[Number(ctx.path.slice(1))] as Act
        ctx.res.once('finish', () => ctx.socket.end()) // also when the response would keep the connection
        ctx.set('X-Before', 'b')
        note(outcome(() => act(ctx.res as Res, ctx)))
        note(look(ctx.res as Res))
        if (!ctx.res.headersSent) ctx.body = 'end'
        else if (!ctx.res.writableEnded) ctx.res.end('end')
        note(ctx.headerSent, ctx.status)
      }),
    ...each.flatMap((_, index) => [get(`/${index}`), head(`/${index}`)]),
  )
  return {
    sent: short.filter((_, index) => index % 2 === 0),
    notes: notes.filter((_, index) => index % 8 === 0),
    reported,
  }
}

const noReturn =
  (act: Act): Act =>
  (res, ctx) =>
    void act(res, ctx)

test('setHeader', async () => {
  const { notes, sent } = await acts(
    res => res.setHeader('X-A', 'a') === res,
    ...[
      'a',
      '',
      'ü',
      5,
      0,
      NaN,
      ['a', 'b'],
      [],
      [''],
      ['a', 5],
      null,
      true,
      {},
      Symbol.iterator,
      undefined,
      'a\nb',
      'a\0',
      'Ω',
      ['a\r'],
    ].map(value => noReturn(res => res.setHeader('X-A', value as string))),
    ...[
      'X-B',
      'x-b',
      '',
      ' ',
      'X B',
      'X:B',
      'X-Ü',
      'X\nB',
      5,
      null,
      undefined,
      '__proto__',
      'constructor',
      'hasOwnProperty',
    ].map(name => noReturn(res => res.setHeader(name as string, 'b'))),
    noReturn(res => (res.setHeader('x-before', 'c'), res.setHeader('X-BEFORE', 'd'))),
    noReturn(res => (res.removeHeader('x-before'), res.setHeader('x-Before', 'e'))),
    noReturn(res => (res.setHeader('Set-Cookie', ['a=b']), (res.getHeader('set-cookie') as string[]).push('c=d'))),
    noReturn(res => (res.getHeaders()['x-before'] = 'changed')),
    noReturn(res => (res.setHeader as (...args: unknown[]) => unknown)('X-A')),
    noReturn(res => (res.setHeader as (...args: unknown[]) => unknown)()),
  )
  expect([notes[0], sent[0]]).toEqual([true, expect.stringMatching(/^200 OK \| X-Before: b \| X-A: a \| Content-Type/)])
})

test('setHeader of a name that was never set before, to an invalid value', async () => {
  const values = [undefined, null, 'ü\n', {}, []]
  const { notes } = await acts(
    ...values.map((value, index) =>
      noReturn(res => res.setHeader(`X-Fresh-${index}-${typeof value}`, value as string)),
    ),
  )
  expect(notes[0]).toMatch(/ERR_HTTP_INVALID_HEADER_VALUE/)
})

test('getHeader, hasHeader, removeHeader and appendHeader, also with invalid names', async () => {
  const odd = [undefined, null, 5, '', {}, 'constructor', '__proto__', 'X-BEFORE'] as string[]
  const { sent } = await acts(
    ...odd.flatMap<Act>(name => [
      res => res.getHeader(name),
      res => res.hasHeader(name),
      noReturn(res => res.removeHeader(name)),
      noReturn(res => res.appendHeader(name, 'c')),
    ]),
    noReturn(res => res.appendHeader('X-A', ['a', 'b']).appendHeader('x-a', 'c').appendHeader('X-Before', 'd')),
    noReturn(res => res.appendHeader('X-A', undefined as unknown as string)),
    noReturn(res => (res.appendHeader('X-A', 'a'), res.setHeader('x-b', 'b'), res.removeHeader('x-a'))),
    noReturn(res => (res.removeHeader('X-Before'), res.removeHeader('X-Before'))),
    res => res.appendHeader('X-A', 'a') === res,
  )
  expect(sent.at(-5)).toMatch(/^200 OK \| X-Before: b \| X-Before: d \| X-A: a \| X-A: b \| X-A: c \|/)
})

test.each<[string, Act]>([
  ['nothing', noReturn(() => {})],
  ['fields that Node has', noReturn(res => res.appendHeader('x-A', 'a'))],
  ['writeHead', noReturn(res => res.writeHead(200))],
  ['writeHead with a field', noReturn(res => res.writeHead(200, { 'x-A': 'a' }))],
  ['flushHeaders', noReturn(res => res.flushHeaders())],
  ['end', noReturn(res => res.end('end'))],
])('getRawHeaderNames after %s', async (_, act) => {
  const { notes } = await acts((res, ctx) => {
    act(res, ctx)
    return [outcome(() => res.getRawHeaderNames()), res.getHeaderNames(), res.getHeader('X-Before'), res.headersSent]
  })
  expect((notes[0] as unknown[])[0]).toContain('X-Before')
})

test('setHeaders', async () => {
  const { sent } = await acts(
    noReturn(res => res.setHeaders(new Headers({ 'X-A': 'a', 'x-before': 'c' }))),
    noReturn(res =>
      res.setHeaders(
        new Map<string, string | string[]>([
          ['X-A', ['a', 'b']],
          ['Set-Cookie', 'c=d'],
        ]),
      ),
    ),
    noReturn(res => {
      const headers = new Headers({ 'X-A': 'a' })
      headers.append('Set-Cookie', 'a=b')
      headers.append('Set-Cookie', 'c=d')
      res.setHeaders(headers)
    }),
    noReturn(res => res.setHeaders({ 'X-A': 'a' } as unknown as Headers)),
    noReturn(res => res.setHeaders(undefined as unknown as Headers)),
  )
  expect(sent[0]).toMatch(/^200 OK \| x-before: c \| x-a: a \|/)
})

describe('fields that Node writes itself', () => {
  const values = ['close', 'keep-alive', 'upgrade', 'chunked', '3', 'then', ['close', 'x'], '']
  test.each([
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
    'Date',
    'Keep-Alive',
    'Trailer',
    'Upgrade',
    'Server',
    'Expect',
  ])('%s', async name => {
    await acts(
      ...values.map(value => noReturn(res => res.setHeader(name, value))),
      noReturn(res => res.removeHeader(name)),
      noReturn(res => res.removeHeader(name.toLowerCase())),
      noReturn(res => (res.setHeader(name, '3'), res.removeHeader(name))),
      noReturn(res => (res.removeHeader(name), res.setHeader(name, '3'))),
      noReturn(res => (res.writeHead(200, { [name]: '3' }), res.end('end'))),
      noReturn(res => (res.removeHeader(name), res.end('end'))),
      noReturn(res => (res.removeHeader(name), res.write('e'), res.end('nd'))),
    ).catch((error: unknown) => {
      throw error
    })
  })

  test('both lengths removed', async () => {
    const { sent } = await acts(
      noReturn(res => (res.removeHeader('Content-Length'), res.removeHeader('Transfer-Encoding'), res.end('end'))),
      noReturn(res => ((res.sendDate = false), res.end('end'))),
      noReturn(res => ((res.shouldKeepAlive = false), res.end('end'))),
      noReturn(res => ((res.useChunkedEncodingByDefault = false), res.write('e'), res.end('nd'))),
      noReturn(res => ((res.strictContentLength = true), res.setHeader('Content-Length', '3'), res.end('end'))),
    )
    expect(sent[0]).toBe('404 Not Found | X-Before: b |  | end')
  })
})

describe('writeHead', () => {
  test('with fields as an object, as a list, as pairs, with a message, and without', async () => {
    const args: unknown[][] = [
      [201],
      [201, { 'X-A': 'a' }],
      [201, { 'X-A': ['a', 'b'], 'x-before': 'c' }],
      [201, 'Made'],
      [201, 'Made', { 'X-A': 'a' }],
      [201, ['X-A', 'a', 'X-B', 'b']],
      [201, 'Made', ['X-A', 'a', 'x-before', 'c']],
      [201, ['X-A', 'a', 'X-A', 'b']],
      [201, ['X-A']],
      [
        201,
        [
          ['X-A', 'a'],
          ['X-B', 'b'],
        ],
      ],
      [201, undefined],
      [201, undefined, { 'X-A': 'a' }],
      [201, null],
      [201, ''],
      [201, {}],
      [201, []],
      [201, { 'Content-Length': '3' }],
      [201, { 'Content-Type': 'a/b', 'Set-Cookie': ['a=b', 'c=d'] }],
      [201, { 'X A': 'a' }],
      [201, { 'X-A': undefined }],
      [201, { 'X-A': 'a\n' }],
      [201, 'a\nb'],
      [99],
      [1000],
      ['201'],
      ['x'],
      [undefined],
      [204],
      [304, { ETag: '"a"' }],
      [200.9],
    ]
    const { sent } = await acts(
      ...args.flatMap<Act>(each => [
        noReturn(res => (res.writeHead as (...args: unknown[]) => unknown)(...each)),
        res => (res.removeHeader('X-Before'), (res.writeHead as (...args: unknown[]) => unknown)(...each) === res),
      ]),
    )
    expect(sent.slice(0, 3)).toEqual([
      '201 Created | X-Before: b | Transfer-Encoding: chunked |  | 3 | end | 0 |  | ',
      '201 Created | Transfer-Encoding: chunked |  | 3 | end | 0 |  | ',
      '201 Created | X-Before: b | X-A: a | Transfer-Encoding: chunked |  | 3 | end | 0 |  | ',
    ])
  })

  test('twice, and everything else that comes too late', async () => {
    const late: Act[] = [
      res => res.writeHead(200),
      res => res.setHeader('X-A', 'a'),
      res => res.setHeader('X A', 'a'),
      res => res.setHeaders(new Map([['X-A', 'a']])),
      res => res.appendHeader('X-A', 'a'),
      res => res.removeHeader('X-A'),
      res => res.removeHeader('X-Before'),
      res => res.flushHeaders(),
      res => res.writeContinue(),
      res => (res.statusCode = 500),
      res => res.addTrailers({ 'X-A': 'a' }),
    ]
    const ways: Act[] = [
      res => res.writeHead(200),
      res => res.writeHead(200, { 'X-A': 'a' }),
      res => res.flushHeaders(),
      res => res.write('more'),
    ]
    const { notes } = await acts(...ways.flatMap(way => late.map(act => noReturnOf(way, act))))
    expect(notes.filter(note => String(note).startsWith('Error ERR_HTTP_HEADERS_SENT')).length).toBeGreaterThanOrEqual(
      28,
    )
  })

  const noReturnOf =
    (way: Act, act: Act): Act =>
    (res, ctx) => {
      way(res, ctx)
      const result = act(res, ctx)
      return typeof result === 'object' ? result === res : result
    }

  test('overridden, as on-headers does', async () => {
    const override =
      (change: (res: Res, ...args: unknown[]) => void): Act =>
      res => {
        const { writeHead } = res
        res.writeHead = function (this: Res, ...args: unknown[]) {
          change(this, ...args)
          return Reflect.apply(writeHead, this, args) as Res
        }
      }
    const { sent } = await acts(
      override(res => res.setHeader('X-Late', 'a')),
      override(res => res.removeHeader('X-Before')),
      override(res => (res.statusCode = 201)),
      override((res, ...args) => res.setHeader('X-Args', String(args))),
      override(res => res.setHeader('X-Seen', JSON.stringify(res.getHeaders()))),
      (res, ctx) => (
        override(each => each.setHeader('X-1', 'a'))(res, ctx),
        override(each => each.setHeader('X-2', 'b'))(res, ctx)
      ),
      (res, ctx) => (override(each => each.setHeader('X-1', 'a'))(res, ctx), void res.writeHead(202, { 'X-2': 'b' })),
      (res, ctx) => (override(each => each.appendHeader('X-Before', 'c'))(res, ctx), res.flushHeaders()),
    )
    expect(sent[0]).toBe(
      '200 OK | X-Before: b | Content-Type: text/plain; charset=utf-8 | Content-Length: 3 | X-Late: a |  | end',
    )
  })

  test('with other methods overridden', async () => {
    const { notes } = await acts(
      res => {
        const set = res.setHeader.bind(res)
        res.setHeader = (name, value) => set(`Own-${name}`, value)
      },
      res => {
        const { end } = res
        res.end = function (this: Res, ...args: unknown[]) {
          this.setHeader('X-End', String(args[0]))
          return Reflect.apply(end, this, args) as Res
        } as Res['end']
      },
      res => {
        const chunks: unknown[] = []
        const { write } = res
        res.write = function (this: Res, ...args: unknown[]) {
          chunks.push(args[0])
          return Reflect.apply(write, this, args) as boolean
        } as Res['write']
        res.write('first')
        return chunks
      },
      res => {
        res.getHeader = () => 'own'
        res.hasHeader = () => false
      },
      res => Object.assign(res, { locals: 1 }).locals,
    )
    expect(notes[2]).toEqual(['first'])
  })
})

describe('a body that is written past Koa', () => {
  test.each<[string, (ctx: Koa.Context) => unknown, string]>([
    ['end', ({ res }) => void res.end('own'), '404 Not Found | Content-Length: 3 |  | own'],
    [
      'write, end',
      ({ res }) => void (res.write('a'), res.end('b')),
      '404 Not Found | Transfer-Encoding: chunked |  | 1 | a | 1 | b | 0 |  | ',
    ],
    [
      'write, then ctx.body',
      ctx => void (ctx.res.write('a'), (ctx.body = 'b')),
      '404 Not Found | Transfer-Encoding: chunked |  | 1 | a | 1 | b | 0 |  | ',
    ],
    [
      'writeHead, then ctx.body',
      ctx => void (ctx.res.writeHead(201, { 'X-A': 'a' }), (ctx.body = { b: 1 })),
      '201 Created | X-A: a | Transfer-Encoding: chunked |  | 7 | {"b":1} | 0 |  | ',
    ],
    [
      'setHeader, then ctx.body',
      ctx => void (ctx.res.setHeader('content-type', 'a/b'), (ctx.body = 'c')),
      '200 OK | content-type: a/b | Content-Length: 1 |  | c',
    ],
    [
      'statusCode, then ctx.body',
      ctx => void ((ctx.res.statusCode = 202), (ctx.body = 'c')),
      '200 OK | Content-Type: text/plain; charset=utf-8 | Content-Length: 1 |  | c',
    ],
    [
      'ctx.body, then statusCode',
      ctx => void ((ctx.body = 'c'), (ctx.res.statusCode = 202)),
      '202 OK | Content-Type: text/plain; charset=utf-8 | Content-Length: 1 |  | c',
    ],
    [
      'ctx.respond = false, later',
      ctx => void ((ctx.respond = false), setImmediate(() => ctx.res.end('later'))),
      '404 Not Found | Content-Length: 5 |  | later',
    ],
    [
      'ctx.respond = false, with a status',
      ctx => void ((ctx.respond = false), (ctx.status = 201), ctx.set('X-A', 'a'), ctx.res.end('x')),
      '201 Created | X-A: a | Content-Length: 1 |  | x',
    ],
    [
      'ctx.respond = undefined',
      ctx => void ((ctx.respond = undefined as unknown as boolean), (ctx.body = 'x')),
      '200 OK | Content-Type: text/plain; charset=utf-8 | Content-Length: 1 |  | x',
    ],
    [
      'a stream piped into it',
      async ctx => {
        ctx.status = 200
        Readable.from(['a', 'b']).pipe(ctx.res)
        await once(ctx.res, 'finish')
      },
      '200 OK | Transfer-Encoding: chunked |  | 1 | a | 1 | b | 0 |  | ',
    ],
    [
      'a pipeline',
      async ctx => {
        ctx.status = 200
        await new Promise(resolve => pipeline(Readable.from(['a']), ctx.res, resolve))
      },
      '200 OK | Transfer-Encoding: chunked |  | 1 | a | 0 |  | ',
    ],
    ['end with an encoding', ({ res }) => void res.end('616263', 'hex'), '404 Not Found | Content-Length: 3 |  | abc'],
    ['end with bytes', ({ res }) => void res.end(new Uint8Array([97])), '404 Not Found | Content-Length: 1 |  | a'],
  ])('%s', async (_, middleware, expected) => {
    const { short, reported } = await same(app => app.use(middleware), get('/'), head('/'))
    expect([short[0], reported]).toEqual([expected, []])
  })

  test('a callback of end, and the events of the response', async () => {
    const { notes } = await same((app, note) =>
      app.use(async ctx => {
        for (const event of ['finish', 'prefinish', 'close', 'pipe', 'error']) ctx.res.on(event, () => note(event))
        await new Promise<void>(resolve => ctx.res.end('x', () => (note('ended'), resolve())))
        await once(ctx.res, 'close')
        note(ctx.res.writableFinished, ctx.res.destroyed, ctx.res.closed, ctx.res.errored)
      }),
    )
    expect(notes).toContain('ended')
  })
})

describe('a body that is all there', () => {
  const long = 'long and longer '.repeat(200_000)

  /** The events of a response, in order. */
  const listen = (res: Res, note: (...values: unknown[]) => void) => {
    for (const event of ['prefinish', 'drain', 'finish', 'close', 'error']) {
      res.on(event, () => note(event, res.writableEnded, res.writableFinished, res.headersSent, res.socket === null))
    }
  }

  test.each<[string, (ctx: Koa.Context) => unknown]>([
    ['text', () => 'text'],
    ['more than ASCII', () => 'Ω and ü'],
    ['bytes', () => Buffer.from('bytes')],
    ['an object', () => ({ a: 'object' })],
    ['nothing', () => ''],
    ['no bytes', () => Buffer.alloc(0)],
    ['nobody answers', () => undefined],
    ['a long text', () => long],
    ['many bytes', () => Buffer.from(long)],
    ['with a length of its own', ctx => ((ctx.body = 'body'), (ctx.length = 4), 'text')],
    [
      'without a length',
      ctx => (ctx.res.once('pipe', () => undefined), (ctx.body = 'text'), ctx.remove('Content-Length')),
    ],
    ['in chunks', ctx => (ctx.set('Transfer-Encoding', 'chunked'), 'text')],
    ['corked', ctx => (ctx.res.cork(), 'text')],
    ['corked twice', ctx => (ctx.res.cork(), ctx.res.cork(), 'text')],
    ['behind the head', ctx => ((ctx.body = 'text'), ctx.res.flushHeaders())],
    ['behind a first part', ctx => ((ctx.body = 'text'), (ctx.length = 8), ctx.res.write('some'))],
    ['with a field beyond ASCII', ctx => (ctx.set('Content-Disposition', 'attachment; filename="ü.txt"'), 'text')],
    ['of a length that is watched', ctx => ((ctx.res.strictContentLength = true), 'text')],
  ])('%s', async (_, answer) => {
    const { wire, notes } = await same(
      (app, note) =>
        app.use(ctx => {
          listen(ctx.res as Res, note)
          const body = answer(ctx)
          if (['string', 'object'].includes(typeof body)) ctx.body = body
        }),
      ...[get('/'), head('/'), get('/', { Connection: 'keep-alive' }) + get('/'), 'GET / HTTP/1.0\r\n\r\n'],
    )
    expect(wire[0]).toMatch(/^HTTP/)
    expect(notes).not.toHaveLength(0)
  })

  test("goes through an end or a write that replaces Node's", async () => {
    const { notes, short } = await same(
      (app, note) =>
        app.use(ctx => {
          const { res } = ctx
          const name = ctx.path.slice(1) as 'end' | 'write'
          const original = res[name].bind(res) as (...given: unknown[]) => never
          res[name] = (...given: unknown[]) => (note(name, ...given), original(...given))
          ctx.body = 'text'
        }),
      ...[get('/end'), get('/write')],
    )
    expect(notes).toEqual(['end', 'text'])
    expect(short).toEqual(
      Array(2).fill('200 OK | Content-Type: text/plain; charset=utf-8 | Content-Length: 4 |  | text'),
    )
  })
})

test('cork and uncork', async () => {
  const { reported } = await same(app =>
    app.use(({ res }) => void (res.cork(), res.write('a'), res.write('b'), res.uncork(), res.end())),
  )
  expect(reported).toEqual([])
})

test('trailers', async () => {
  const { short } = await same(app =>
    app.use(ctx => {
      ctx.status = 200
      ctx.set('Trailer', 'X-Sum')
      ctx.res.write('a')
      ctx.res.addTrailers({ 'X-Sum': '1' })
      ctx.res.addTrailers([['X-Other', '2']])
      ctx.body = 'b'
    }),
  )
  expect(short[0]).toBe(
    '200 OK | Trailer: X-Sum | Transfer-Encoding: chunked |  | 1 | a | 1 | b | 0 | X-Other: 2 |  | ',
  )
})

test('a trailer in a response that has a length is an error', async () => {
  const { reported } = await same(app => app.use(ctx => (ctx.set('Trailer', 'X-Sum'), void (ctx.body = 'a'))))
  expect(reported).toEqual([expect.stringContaining('ERR_HTTP_TRAILER_INVALID')])
})

test('early hints, processing and continue', async () => {
  const { short } = await same(app =>
    app.use(ctx => {
      ctx.set('X-A', 'a')
      ctx.res.writeEarlyHints({ link: '</a.css>; rel=preload', 'x-b': 'c' })
      ctx.res.writeProcessing()
      ctx.res.writeContinue()
      ctx.body = 'end'
    }),
  )
  expect(short[0]).toContain(
    '103 Early Hints | Link: </a.css>; rel=preload | x-b: c |  | 102 Processing |  | 100 Continue |  | 200 OK',
  )
})

test.each(['100-continue', 'the-moon'])('Expect: %s', async expectation => {
  const { short } = await same(
    app => app.use(async ctx => void (ctx.body = (await ctx.req.setEncoding('utf8').toArray()).join('') || 'none')),
    post('/', 'sent', { Expect: expectation }),
    get('/', { Expect: expectation }),
  )
  expect(short[0]).toMatch(expectation === '100-continue' ? /^100 Continue \| {2}\| 200 OK .* sent$/ : /^417/)
})

test('set-cookie: lists, and cookies beside them', async () => {
  const { short } = await same((app: Koa) => {
    app.keys = ['key']
    app.use(ctx => {
      ctx.cookies.set('a', '1')
      ctx.res.appendHeader('Set-Cookie', 'b=2')
      ctx.append('set-cookie', 'c=3')
      ctx.cookies.set('d', '4', { signed: true, httpOnly: false })
      ctx.cookies.set('a', '5', { overwrite: true })
      ctx.cookies.set('gone')
      ctx.body = String(ctx.response.get('Set-Cookie').length)
    })
  })
  expect(short[0]).toMatch(/Set-Cookie: a=5/i)
})

test('the response is a ServerResponse of Node and has its request', async () => {
  const { notes } = await same((app, note) =>
    app.use(ctx => {
      const { res } = ctx
      note(
        res instanceof ServerResponse,
        res.req === ctx.req,
        res.socket === ctx.req.socket,
        Reflect.get(res, 'connection') === res.socket,
      )
      note(res === ctx.response.res, res === ctx.request.res, res.statusCode, res.statusMessage, res.sendDate)
      note(
        res.writable,
        res.writableLength,
        res.writableHighWaterMark,
        res.chunkedEncoding,
        Reflect.get(res, 'finished'),
        res.writableObjectMode,
      )
      note(
        outcome(() => validateHeaderName('X Y')),
        typeof (res as { assignSocket?: unknown }).assignSocket,
      )
      note(Object.prototype.toString.call(res), res.listenerCount('error'), res.getMaxListeners())
      ctx.body = 'x'
    }),
  )
  expect(notes.slice(0, 4)).toEqual([true, true, true, true])
})
