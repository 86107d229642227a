import { EventEmitter } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import type Koa from 'koa'
import { get, head, outcome, post, same } from '../support/same'

/** Assigns one body after the other; a function makes one. */
const bodies =
  (...values: unknown[]): Koa.Middleware =>
  ctx => {
    for (const value of values) ctx.body = typeof value === 'function' ? (value as () => unknown)() : value
  }

/** With something done before the body is assigned. */
const after =
  (act: (ctx: Koa.Context) => unknown, ...values: unknown[]): Koa.Middleware =>
  (ctx, next) => {
    act(ctx)
    return bodies(...values)(ctx, next)
  }

const stream = () => Readable.from(['a', 'bc'])
const web = () => new Blob(['web']).stream()
const blob = (type = '') => new Blob(['blob'], { type })

class Duck extends EventEmitter {
  readable = true
  readableObjectMode = false
  destroyed = false
  pipe(target: NodeJS.WritableStream) {
    target.end('quack')
    return target
  }
  read() {}
  destroy() {}
  toJSON() {
    return 'duck'
  }
}

class Point {
  constructor(readonly x: number) {}
}

const TEXT = 'Content-Type: text/plain; charset=utf-8'
const HTML = 'Content-Type: text/html; charset=utf-8'
const JSON_ = 'Content-Type: application/json; charset=utf-8'
const BYTES = 'Content-Type: application/octet-stream'
const CHUNKED = 'Transfer-Encoding: chunked'

describe('a body', () => {
  test.each<[string, Koa.Middleware, string]>([
    ['none', () => {}, `404 Not Found | ${TEXT} | Content-Length: 9 |  | Not Found`],
    ['undefined', bodies(undefined), '204 No Content |  | '],
    ['null', bodies(null), '204 No Content |  | '],
    ['an empty string', bodies(''), `200 OK | ${TEXT} | Content-Length: 0 |  | `],
    ['text', bodies('text'), `200 OK | ${TEXT} | Content-Length: 4 |  | text`],
    ['text beyond ASCII', bodies('ü'), `200 OK | ${TEXT} | Content-Length: 2 |  | Ã¼`],
    ['HTML', bodies('<p>'), `200 OK | ${HTML} | Content-Length: 3 |  | <p>`],
    ['HTML after space', bodies(' \n<p>'), `200 OK | ${HTML} | Content-Length: 5 |  |  \n<p>`],
    ['a String object', bodies(new String('text')), `200 OK | ${JSON_} | Content-Length: 6 |  | "text"`],
    ['a Buffer', bodies(Buffer.from('text')), `200 OK | ${BYTES} | Content-Length: 4 |  | text`],
    ['an empty Buffer', bodies(Buffer.alloc(0)), `200 OK | ${BYTES} | Content-Length: 0 |  | `],
    ['a Uint8Array', bodies(new Uint8Array([1])), `200 OK | ${JSON_} | Content-Length: 7 |  | {"0":1}`],
    ['an object', bodies({ a: 1 }), `200 OK | ${JSON_} | Content-Length: 7 |  | {"a":1}`],
    ['an empty object', bodies({}), `200 OK | ${JSON_} | Content-Length: 2 |  | {}`],
    ['a list', bodies([1, 'b']), `200 OK | ${JSON_} | Content-Length: 7 |  | [1,"b"]`],
    ['an empty list', bodies([]), `200 OK | ${JSON_} | Content-Length: 2 |  | []`],
    ['an object of a class', bodies(new Point(1)), `200 OK | ${JSON_} | Content-Length: 7 |  | {"x":1}`],
    [
      'an object without a prototype',
      bodies({ __proto__: null, a: 1 }),
      `200 OK | ${JSON_} | Content-Length: 7 |  | {"a":1}`,
    ],
    ['an object with toJSON', bodies({ toJSON: () => [1] }), `200 OK | ${JSON_} | Content-Length: 3 |  | [1]`],
    ['a date', bodies(new Date(0)), `200 OK | ${JSON_} | Content-Length: 26 |  | "1970-01-01T00:00:00.000Z"`],
    ['a map', bodies(new Map([[1, 2]])), `200 OK | ${JSON_} | Content-Length: 2 |  | {}`],
    ['an error', bodies(new Error('no')), `200 OK | ${JSON_} | Content-Length: 2 |  | {}`],
    ['a number', bodies(5), `200 OK | ${JSON_} | Content-Length: 1 |  | 5`],
    ['zero', bodies(0), `200 OK | ${JSON_} | Content-Length: 1 |  | 0`],
    ['NaN', bodies(NaN), `200 OK | ${JSON_} | Content-Length: 4 |  | null`],
    ['true', bodies(true), `200 OK | ${JSON_} | Content-Length: 4 |  | true`],
    ['false', bodies(false), `200 OK | ${JSON_} | Content-Length: 5 |  | false`],
    ['a stream', bodies(stream), `200 OK | ${BYTES} | ${CHUNKED} |  | 1 | a | 2 | bc | 0 |  | `],
    ['a web stream', bodies(web), `200 OK | ${BYTES} | ${CHUNKED} |  | 3 | web | 0 |  | `],
    ['a Blob', bodies(blob()), `200 OK | ${BYTES} | Content-Length: 4 |  | blob`],
    [
      'a Blob with a type',
      bodies(blob('text/css')),
      '200 OK | Content-Type: text/css; charset=utf-8 | Content-Length: 4 |  | blob',
    ],
    [
      'something with pipe that is no stream',
      bodies({ pipe: 'line' }),
      `200 OK | ${JSON_} | Content-Length: 15 |  | {"pipe":"line"}`,
    ],
    ['something with a method pipe', bodies({ pipe() {}, a: 1 }), `200 OK | ${JSON_} | Content-Length: 7 |  | {"a":1}`],
    [
      'a list with a method pipe',
      bodies(Object.assign([1], { pipe() {} })),
      `200 OK | ${JSON_} | Content-Length: 3 |  | [1]`,
    ],
    ['an iterator', bodies([1].values()), `200 OK | ${JSON_} | Content-Length: 2 |  | {}`],
  ])('%s', async (_, middleware, expected) => {
    const { short, reported } = await same(app => app.use(middleware), get('/'), head('/'))
    expect([short[0], short[1]?.endsWith(' |  | '), reported]).toEqual([expected, true, []])
  })

  test.each<[string, () => unknown, string]>([
    ['a Response', () => new Response('fetched'), '200 OK | content-type: text/plain;charset=UTF-8'],
    [
      'with a status',
      () => new Response('made', { status: 201 }),
      '201 Created | content-type: text/plain;charset=UTF-8',
    ],
    ['without a body', () => new Response(null, { status: 404 }), `404 Not Found | ${BYTES}`],
    [
      'of JSON, with a header',
      () => Response.json({}, { headers: { 'X-A': 'b' } }),
      '200 OK | content-type: application/json | x-a: b',
    ],
    ['with no content', () => new Response(null, { status: 204 }), '204 No Content |  | '],
  ])('a Response: %s', async (_, make, expected) => {
    const { short } = await same(app => app.use(bodies(make)), get('/'), head('/'))
    expect(short[0]?.slice(0, expected.length)).toBe(expected)
  })

  test('an object that behaves like a stream', async () => {
    const { notes } = await same((app, note) =>
      app.use(ctx => void ((ctx.body = new Duck()), note(ctx.type, ctx.length), (ctx.body = 'x'))),
    )
    expect(notes).toEqual(['application/octet-stream', undefined])
  })

  test.each<[string, unknown]>([
    [
      'that refers to itself',
      (() => {
        const ring: unknown[] = []
        ring.push(ring)
        return ring
      })(),
    ],
    [
      'with toJSON that throws',
      {
        toJSON() {
          throw new Error('no JSON')
        },
      },
    ],
    ['with toJSON that gives nothing', { toJSON() {} }],
    ['that is a bigint', 5n],
    ['that is a symbol', Symbol('body')],
    ['that is a function', () => () => {}],
  ])('a body %s is an error', async (_, value) => {
    const { short, reported } = await same(app => app.use(bodies(value)), get('/'), head('/'))
    expect([short[0]?.slice(0, 25), reported.length]).toEqual(['500 Internal Server Error', 2])
  })
})

describe('bodies, one after the other', () => {
  test.each<[string, Koa.Middleware, string]>([
    ['an object, then text', bodies({ a: 1 }, 'text'), `200 OK | ${JSON_} | Content-Length: 4 |  | text`],
    ['text, then an object', bodies('text', { a: 1 }), `200 OK | ${JSON_} | Content-Length: 7 |  | {"a":1}`],
    ['HTML, then text', bodies('<p>', 'text'), `200 OK | ${HTML} | Content-Length: 4 |  | text`],
    ['two objects', bodies({ a: 1 }, { b: 22 }), `200 OK | ${JSON_} | Content-Length: 8 |  | {"b":22}`],
    ['a Buffer, then a list', bodies(Buffer.from('ab'), [1]), `200 OK | ${JSON_} | Content-Length: 3 |  | [1]`],
    ['text, then null', bodies('text', null), '204 No Content |  | '],
    ['an object, then null', bodies({ a: 1 }, null), `200 OK | ${JSON_} | ${CHUNKED} |  | 4 | null | 0 |  | `],
    [
      'an object, then undefined',
      bodies({ a: 1 }, undefined),
      `200 OK | ${JSON_} | ${CHUNKED} |  | 4 | null | 0 |  | `,
    ],
    ['null, then text', bodies(null, 'text'), '204 No Content |  | '],
    ['null, then an object', bodies(null, { a: 1 }), '204 No Content |  | '],
    ['undefined, then text', bodies(undefined, 'text'), '204 No Content |  | '],
    ['text, then a stream', bodies('text', stream), `200 OK | ${TEXT} | ${CHUNKED} |  | 1 | a | 2 | bc | 0 |  | `],
    ['a stream, then text', bodies(stream, 'text'), `200 OK | ${BYTES} | Content-Length: 4 |  | text`],
    ['a stream, then an object', bodies(stream, { a: 1 }), `200 OK | ${JSON_} | Content-Length: 7 |  | {"a":1}`],
    ['a stream, then null', bodies(stream, null), '204 No Content |  | '],
    ['two streams', bodies(stream, stream), `200 OK | ${BYTES} | ${CHUNKED} |  | 1 | a | 2 | bc | 0 |  | `],
    ['a Blob, then text', bodies(blob(), 'te'), `200 OK | ${BYTES} | Content-Length: 2 |  | te`],
    ['text, then a web stream', bodies('text', web), `200 OK | ${TEXT} | Content-Length: 4 |  | web`],
  ])('%s', async (_, middleware, expected) => {
    const { short } = await same(app => app.use(middleware), get('/'), head('/'))
    expect(short[0]).toBe(expected)
  })

  test('a stream that is not sent is destroyed, whatever takes its place', async () => {
    const { notes } = await same((app, note) => {
      app.use(async ctx => {
        for (const next of ['text', { a: 1 }, [1], 5, null, Buffer.from('x'), new Blob(['x']), web(), stream()]) {
          const replaced = new PassThrough()
          ctx.body = replaced
          ctx.body = next
          note(replaced.destroyed, replaced.listenerCount('error'))
        }
        ctx.body = 'end'
      })
    })
    // Not before null in a response of JSON, and not before a stream, which may be made from the one before it.
    expect(notes.filter(note => typeof note === 'boolean')).toEqual([
      ...[true, true, true, true, false, true, true, true, false],
    ])
  })
})

describe('a body with other things set before', () => {
  test.each<[string, Koa.Middleware, string]>([
    ['a status', after(ctx => (ctx.status = 201), 'made'), `201 Created | ${TEXT} | Content-Length: 4 |  | made`],
    [
      'a status that Koa has no name for',
      after(ctx => (ctx.status = 599), 'x'),
      `599 unknown | ${TEXT} | Content-Length: 1 |  | x`,
    ],
    ['the status 204', after(ctx => (ctx.status = 204), 'text'), '204 No Content |  | '],
    ['the status 205', after(ctx => (ctx.status = 205), { a: 1 }), '205 Reset Content |  | '],
    ['the status 304', after(ctx => (ctx.status = 304), Buffer.from('x')), '304 Not Modified |  | '],
    [
      'the status 404',
      after(ctx => (ctx.status = 404), 'text'),
      `404 Not Found | ${TEXT} | Content-Length: 4 |  | text`,
    ],
    ['a message', after(ctx => (ctx.message = 'Fine'), 'text'), `200 OK | ${TEXT} | Content-Length: 4 |  | text`],
    [
      'a status, a message',
      after(ctx => ((ctx.status = 200), (ctx.message = 'Fine')), 'x'),
      `200 Fine | ${TEXT} | Content-Length: 1 |  | x`,
    ],
    ['the status 200 and null', after(ctx => (ctx.status = 200), null), '204 No Content |  | '],
    ['the status 404 and null', after(ctx => (ctx.status = 404), null), '204 No Content |  | '],
    [
      'a type',
      after(ctx => (ctx.type = 'css'), 'a{}'),
      '200 OK | Content-Type: text/css; charset=utf-8 | Content-Length: 3 |  | a{}',
    ],
    ['a type that is empty', after(ctx => (ctx.type = ''), 'a'), `200 OK | ${TEXT} | Content-Length: 1 |  | a`],
    [
      'a type other than JSON, and an object',
      after(ctx => (ctx.type = 'html'), {}),
      `200 OK | ${JSON_} | Content-Length: 2 |  | {}`,
    ],
    [
      'a type of JSON, and an object',
      after(ctx => (ctx.type = 'application/ld+json'), {}),
      '200 OK | Content-Type: application/ld+json | Content-Length: 2 |  | {}',
    ],
    [
      'a type of JSON, and null',
      after(ctx => (ctx.type = 'json'), null),
      `404 Not Found | ${JSON_} | Content-Length: 4 |  | null`,
    ],
    [
      'a type of JSON, and undefined',
      after(ctx => (ctx.type = 'json'), undefined),
      `404 Not Found | ${JSON_} | Content-Length: 4 |  | null`,
    ],
    [
      'a type of JSON and text',
      after(ctx => (ctx.type = 'json'), '{}'),
      `200 OK | ${JSON_} | Content-Length: 2 |  | {}`,
    ],
    [
      'a type in capitals, by set',
      after(ctx => ctx.set('CONTENT-TYPE', 'x/y'), 'a'),
      '200 OK | CONTENT-TYPE: x/y | Content-Length: 1 |  | a',
    ],
    ['a length', after(ctx => (ctx.length = 10), 'text'), `200 OK | Content-Length: 4 | ${TEXT} |  | text`],
    [
      'a length, and a stream',
      after(ctx => (ctx.length = 3), stream),
      `200 OK | Content-Length: 3 | ${BYTES} |  | abc`,
    ],
    [
      'a length, and an object',
      after(ctx => (ctx.length = 3), [1, 2]),
      `200 OK | ${JSON_} | Content-Length: 5 |  | [1,2]`,
    ],
    [
      'Transfer-Encoding, and text',
      after(ctx => ctx.set('Transfer-Encoding', 'chunked'), 'text'),
      `200 OK | ${CHUNKED} | ${TEXT} |  | 4 | text | 0 |  | `,
    ],
    [
      'Transfer-Encoding, and null',
      after(ctx => ctx.set('Transfer-Encoding', 'chunked'), null),
      '204 No Content |  | ',
    ],
    [
      'other headers',
      after(ctx => ctx.set('X-A', 'b'), 'text'),
      `200 OK | X-A: b | ${TEXT} | Content-Length: 4 |  | text`,
    ],
  ])('%s', async (_, middleware, expected) => {
    const { short } = await same(app => app.use(middleware), get('/'), head('/'))
    expect(short[0]).toBe(expected)
  })
})

describe('a body with other things set after it', () => {
  const then =
    (body: unknown, act: (ctx: Koa.Context) => unknown): Koa.Middleware =>
    ctx => {
      ctx.body = body
      act(ctx)
    }

  test.each<[string, Koa.Middleware, string]>([
    ['the status 204', then('text', ctx => (ctx.status = 204)), '204 No Content |  | '],
    ['the status 304', then({ a: 1 }, ctx => (ctx.status = 304)), '304 Not Modified |  | '],
    ['the status 205', then('', ctx => (ctx.status = 205)), '205 Reset Content |  | '],
    [
      'the status 404',
      then('text', ctx => (ctx.status = 404)),
      `404 Not Found | ${TEXT} | Content-Length: 4 |  | text`,
    ],
    ['no type', then('text', ctx => (ctx.type = null as unknown as string)), '200 OK | Content-Length: 4 |  | text'],
    ['an unknown type', then('text', ctx => (ctx.type = 'asdf')), '200 OK | Content-Length: 4 |  | text'],
    ['no type, and an object', then({}, ctx => ctx.remove('Content-Type')), '200 OK | Content-Length: 2 |  | {}'],
    [
      'no length',
      then('text', ctx => ctx.remove('Content-Length')),
      `200 OK | ${TEXT} | ${CHUNKED} |  | 4 | text | 0 |  | `,
    ],
    [
      'a length that is wrong',
      then({ a: 1 }, ctx => (ctx.length = 3)),
      `200 OK | ${JSON_} | Content-Length: 7 |  | {"a":1}`,
    ],
    [
      'a key of the object',
      then({ a: 1 }, ctx => ((ctx.body as { a: number }).a = 22)),
      `200 OK | ${JSON_} | Content-Length: 8 |  | {"a":22}`,
    ],
    ['all headers sent', then('text', ctx => ctx.flushHeaders()), `200 OK | ${TEXT} | Content-Length: 4 |  | text`],
    [
      'all headers of an object sent',
      then({ a: 1 }, ctx => ctx.flushHeaders()),
      `200 OK | ${JSON_} | ${CHUNKED} |  | 7 | {"a":1} | 0 |  | `,
    ],
    [
      'headers sent without a body',
      ctx => ((ctx.status = 200), ctx.flushHeaders()),
      `200 OK | ${CHUNKED} |  | 2 | OK | 0 |  | `,
    ],
    [
      'response.body',
      then('text', ctx => (ctx.response.body = 'other')),
      `200 OK | ${TEXT} | Content-Length: 5 |  | other`,
    ],
  ])('%s', async (_, middleware, expected) => {
    const { short } = await same(app => app.use(middleware), get('/'), head('/'))
    expect(short[0]).toBe(expected)
  })
})

test('what ctx says of each body', async () => {
  const values = [
    undefined,
    null,
    '',
    'ü',
    '<p>',
    Buffer.from('x'),
    { a: 1 },
    [],
    5,
    0,
    false,
    new Blob(['b']),
    stream(),
    web(),
  ]
  const { notes } = await same((app, note) =>
    app.use(ctx => {
      note(ctx.status, ctx.message, ctx.type, ctx.length, ctx.body)
      for (const value of values) {
        ctx.body = value
        note(
          ctx.status,
          ctx.message,
          ctx.type,
          outcome(() => ctx.length),
          ctx.body === value,
          ctx.response.body === value,
        )
      }
      ctx.body = 'end'
    }),
  )
  expect(notes.slice(0, 11)).toEqual([
    404,
    'Not Found',
    '',
    undefined,
    undefined,
    204,
    'No Content',
    '',
    undefined,
    true,
    true,
  ])
})

test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])('%s', async method => {
  const request = post('/', 'sent').replace('POST', method)
  const { notes, short } = await same(
    (app, note) => app.use(ctx => (note(ctx.method, ctx.req.method, ctx.idempotent, ctx.length), (ctx.body = 'text'))),
    request,
  )
  expect([notes[0], short[0]?.endsWith('text')]).toEqual([method, method !== 'HEAD'])
})

test('HTTP/1.0', async () => {
  const request = get('/').replace('HTTP/1.1', 'HTTP/1.0')
  for (const body of ['text', { a: 1 }, null, stream]) {
    const { short } = await same(app => app.use(bodies(body)), request)
    expect(short[0]).toMatch(/^20/)
  }
})
