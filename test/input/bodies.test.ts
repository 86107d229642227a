import { randomBytes } from 'node:crypto'
import { constants } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { BeforeRequest, bootstrap, ErrorHandler, Post, TeardownRequest, type Context } from 'flaskoa'
import type Koa from 'koa'
import { z } from 'zod'
import { post } from '../support/declared'
import { settled } from '../support/gate'
import { log, note } from '../support/log'
import { MULTIPART, multipart, part } from '../support/multipart'
import { patience } from '../support/pace'
import { protocols, sendHttp1 } from '../support/send'
import { serve, serveHttp2 } from '../support/serve'
import { until } from '../support/until'
import '../support/uploads'

const JSON_TYPE = 'application/json'
const URLENCODED = 'application/x-www-form-urlencoded'

class App {
  @BeforeRequest guard({ path, req }: Context) {
    if (path !== '/guarded') return
    note(`read ${req.readableDidRead}`)
    return ['guarded']
  }
  @Post('/json') async json({ request }: Context) {
    return [await request.json()]
  }
  @Post('/text') async text({ request }: Context) {
    return [await request.text()]
  }
  @Post('/form') async form({ request }: Context) {
    return [...(await request.form())]
  }
  @Post('/bytes') async bytes({ request }: Context) {
    return [(await request.bytes()).toString('hex')]
  }
  @Post('/guarded') guarded() {
    return 'never'
  }
  @post('/declared', { body: z.object({ a: z.number() }) }) declared({ body }: { body: { a: number } }) {
    return [body.a]
  }
  @Post('/several') async several({ request }: Context) {
    const [bytes, json, again] = await Promise.all([request.bytes(), request.json(), request.json()])
    return [bytes.toString(), json, again, await request.text(), json === again]
  }
  @Post('/forms') async forms({ request }: Context) {
    const [bytes, form, again] = [await request.bytes(), await request.form(), await request.form()]
    const sameFiles = form.files.get('f') === again.files.get('f')
    return [
      bytes.length,
      [...form],
      [...again],
      sameFiles,
      form.files.size,
      await request.text().catch(() => 'no text'),
    ]
  }
  @Post('/form-then-text') async formThenText({ request }: Context) {
    return [...(await request.form()), await request.text()]
  }
  @Post('/read') async read({ req, request }: Context) {
    await text(req)
    return [await request.json()]
  }
  @TeardownRequest teardown(error: Error | undefined, { req }: Context) {
    note(`teardown ${error?.name ?? 'none'}, read ${req.readableDidRead}`)
  }
}

const app = (options = {}): Koa => bootstrap(App, { logger: false, ...options })

const messageOf = ([status, body]: readonly [number, string]) => {
  const detail =
    /<p>(.*)<\/p>/.exec(body)?.[1] ??
    (status >= 400 && body.startsWith('{') ? (JSON.parse(body) as { detail: string }).detail : body)
  return `${status} ${detail.replaceAll('&quot;', '"')}`
}

describe('a request of which only the end says that it has no body', () => {
  class Optional {
    @post('/body', { body: z.string().optional() }) body({ body }: { body?: string }) {
      return [body ?? 'none']
    }
    @post('/form', { form: z.object({ a: z.string().optional() }) }) form({ form }: { form: object }) {
      return form
    }
    @Post('/parts') async parts({ request }: Context) {
      for await (const part of request.parts()) return [part.name]
      return ['none']
    }
    @Post('/json') async json({ request }: Context) {
      return [await request.json()]
    }
  }
  const app = () => bootstrap(Optional, { logger: false })
  type Ask = (path: string, body?: string) => Promise<string>
  const unframed: [string, (use: (ask: Ask) => Promise<void>) => Promise<void>][] = [
    [
      'HTTP/1.1',
      use =>
        serve(app(), url =>
          use(async (path, body = '') => {
            // A stream has no type, and is sent in chunks.
            const init = { method: 'POST', body: new Response(body).body, duplex: 'half' as const }
            const answer = await fetch(url + path, init)
            return `${answer.status} ${await answer.text()}`
          }),
        ),
    ],
    [
      'HTTP/2',
      use =>
        serveHttp2(app(), session =>
          use(async (path, body = '') => {
            const stream = session.request({ ':method': 'POST', ':path': path }, { endStream: false })
            let status: unknown
            stream.once('response', headers => (status = headers[':status'])).end(body)
            const answer = await text(stream)
            return `${status as number} ${answer}`
          }),
        ),
    ],
  ]

  test.each(unframed)('is one without, over %s', (_, serving) =>
    serving(async ask => {
      expect(await ask('/body')).toBe('200 ["none"]')
      expect(await ask('/form')).toBe('200 {}')
      expect(await ask('/parts')).toBe('200 ["none"]')
      expect(await ask('/json')).toMatch(/^400 /)
      for (const path of ['/body', '/form', '/parts', '/json']) expect(await ask(path, '"a"')).toMatch(/^415 /)
    }),
  )
})

describe.each(protocols)('bodies over %s', (protocol, serving) => {
  const cases: [string, string | undefined, string | Buffer, Record<string, string>, string][] = [
    ['/json', JSON_TYPE, '{"a":[1]}', {}, '200 [{"a":[1]}]'],
    ['/json', 'application/vnd.api+json; charset="UTF-8"', '1', {}, '200 [1]'],
    ['/json', JSON_TYPE, '\ufeff1', {}, '200 [1]'],
    ['/json', 'text/json', '1', {}, '415 the body is not JSON: send it as application/json'],
    ['/json', undefined, '1', {}, '415 the body is not JSON: send it as application/json'],
    [
      '/json',
      'application/json; charset=latin1',
      '1',
      {},
      '415 the charset "latin1" of the body is not supported: send UTF-8',
    ],
    ['/json', JSON_TYPE, '{', {}, '400 the body is not JSON'],
    ['/json', JSON_TYPE, Buffer.from('"\xff"', 'latin1'), {}, '400 the body is not UTF-8'],
    [
      '/json',
      JSON_TYPE,
      '{"__proto__":1}',
      {},
      '400 the body has a name that is not allowed: __proto__ or constructor',
    ],
    [
      '/json',
      JSON_TYPE,
      '{"constructor":{"prototype":1}}',
      {},
      '400 the body has a name that is not allowed: __proto__ or constructor',
    ],
    ...[String.raw`{"_\u005fproto_\u005F":1}`, String.raw`{"a":[{"\u0063onstructor":{"prototyp\u0065":1}}]}`].map(
      (body): [string, string, string, Record<string, string>, string] => [
        '/json',
        JSON_TYPE,
        body,
        {},
        '400 the body has a name that is not allowed: __proto__ or constructor',
      ],
    ),
    [
      '/json',
      JSON_TYPE,
      String.raw`{"constructor":1,"a":"\u00e4 __proto__"}`,
      {},
      '200 [{"constructor":1,"a":"ä __proto__"}]',
    ],
    ['/json', JSON_TYPE, String.raw`["\u005f", {]`, {}, '400 the body is not JSON'],
    ['/text', 'text/plain; charset=us-ascii', 'a', {}, '200 ["a"]'],
    [
      '/text',
      'text/plain; charset=utf-16',
      'a',
      {},
      '415 the charset "utf-16" of the body is not supported: send UTF-8',
    ],
    ['/form', URLENCODED, 'a=1&a=%C3%A4+b&c', {}, '200 [["a","1"],["a","ä b"],["c",""]]'],
    [
      '/form',
      JSON_TYPE,
      '{}',
      {},
      '415 the body is not a form: send it as multipart/form-data or application/x-www-form-urlencoded',
    ],
    ['/bytes', 'application/x-anything', Buffer.from([0, 255]), {}, '200 ["00ff"]'],
    ['/bytes', undefined, Buffer.from([1]), { 'content-encoding': 'identity' }, '200 ["01"]'],
    ['/bytes', undefined, Buffer.from([1]), { 'content-encoding': '' }, '200 ["01"]'],
    ['/declared', JSON_TYPE, '{"a":1}', {}, '200 [1]'],
    ['/declared', 'text/plain', '{"a":1}', {}, '415 the body is not JSON: send it as application/json'],
    ['/read', JSON_TYPE, '1', {}, '500 undefined'],
  ]
  test.each(cases)('%s, %s: %j', async (path, type, body, headers, expected) => {
    await serving(app(), async send => {
      const answer = messageOf(await send({ path, ...(type === undefined ? {} : { type }), headers, body }))
      expect(answer).toMatch(expected.startsWith('500') ? /^500/ : expected)
      // The connection goes on.
      expect(await send({ path: '/text', type: 'text/plain', body: 'next' })).toEqual([200, '["next"]'])
    })
  })

  const encoders: [string, (text: string) => Buffer][] = [
    ['gzip', gzipSync],
    ['X-GZip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
  ]
  describe.each(encoders)('encoded by %s', (coding, encode) => {
    const headers = { 'content-encoding': coding }

    test('are decoded, and the limit is that of the decoded bytes', async () => {
      await serving(app({ limits: { body: 100_000 } }), async send => {
        const sent = async (body: Buffer) => messageOf(await send({ path: '/text', type: 'text/plain', headers, body }))
        expect(await sent(encode('hello'))).toBe('200 ["hello"]')
        expect(await sent(encode(''))).toBe('200 [""]')
        expect(await sent(encode('x'.repeat(100_000)))).toMatch(/^200 /)
        expect(await sent(encode('x'.repeat(100_001)))).toBe('413 the body is larger than 100000 bytes')
        expect(await sent(encode('x'.repeat(50_000_000)))).toBe('413 the body is larger than 100000 bytes')
      })
    })

    test('that are not what they say are a 400', async () => {
      await serving(app(), async send => {
        const sent = async (body: Buffer | string) =>
          messageOf(await send({ path: '/text', type: 'text/plain', headers, body }))
        const expected = '400 the body is not encoded as its Content-Encoding says'
        expect(await sent('hello, this is not encoded')).toBe(expected)
        expect(await sent(encode('hello').subarray(0, -3))).toBe(expected)
        expect(await sent(encode('x'.repeat(1000)))).toMatch(/^200 /)
      })
    })
  })

  test('a body with an encoding, but without bytes', async () => {
    await serving(app(), async send => {
      const headers = {
        'content-encoding': 'deflate',
        ...(protocol === 'HTTP/2' ? {} : { 'transfer-encoding': 'chunked' }),
      }
      const sent = {
        path: '/text',
        type: 'text/plain',
        headers,
        ...(protocol === 'HTTP/2' ? { body: Buffer.alloc(0) } : {}),
      }
      expect((await send({ ...sent, headers: { ...headers, 'x-empty': '1' } }))[0]).toBe(200)
    })
  })

  test('what is behind the encoded bytes is left out', async () => {
    await serving(app(), async send => {
      const body = Buffer.concat([gzipSync('hello'), Buffer.alloc(200_000)])
      const answer = await send({ path: '/text', type: 'text/plain', headers: { 'content-encoding': 'gzip' }, body })
      expect(answer).toEqual([200, '["hello"]'])
    })
  })

  test('other encodings', async () => {
    await serving(app(), async send => {
      for (const coding of ['compress', 'gzip, gzip', '__proto__']) {
        const [status] = await send({ path: '/text', body: 'a', headers: { 'content-encoding': coding } })
        expect([coding, status]).toEqual([coding, 415])
      }
    })
  })

  test('are kept, and can be had in several forms', async () => {
    await serving(app(), async send => {
      expect(await send({ path: '/several', type: JSON_TYPE, body: '{"a":1}' })).toEqual([
        200,
        '["{\\"a\\":1}",{"a":1},{"a":1},"{\\"a\\":1}",false]',
      ])
      expect(await send({ path: '/forms', type: URLENCODED, body: 'a=1' })).toEqual([
        200,
        '[3,[["a","1"]],[["a","1"]],true,0,"a=1"]',
      ])
      const body = multipart([part('a', '1'), part('f', 'x', 'f')])
      const [, answer] = await send({ path: '/forms', type: MULTIPART, body })
      expect((JSON.parse(answer) as unknown[]).slice(0, 5)).toEqual([body.length, [['a', '1']], [['a', '1']], true, 1])
      expect(await send({ path: '/form-then-text', type: URLENCODED, body: 'a=1' })).toEqual([200, '[["a","1"],"a=1"]'])
    })
  })

  test('none', async () => {
    await serving(app(), async send => {
      expect(messageOf(await send({ path: '/json' }))).toBe('400 the request has no body')
      expect(await send({ path: '/text' })).toEqual([200, '[""]'])
      expect(await send({ path: '/form' })).toEqual([200, '[]'])
      expect(await send({ path: '/bytes' })).toEqual([200, '[""]'])
    })
  })
})

test('a body that another parser has read is a clear error', async () => {
  const errors: string[] = []
  const reading = app()
  reading.on('error', (error: Error) => errors.push(error.message))
  await serve(reading, async url => {
    const headers = { 'content-type': JSON_TYPE }
    expect((await fetch(`${url}/read`, { method: 'POST', body: '1', headers })).status).toBe(500)
  })
  expect(errors).toEqual([
    'POST /read: the body was read before flaskoa could read it, for instance by a body parser or by ' +
      "ctx.req.on('data', …). Leave that out, or let the route declare no body and use what the parser gives.",
  ])
})

test.each(['/bytes', '/text'])('an HTTP/2 stream that is reset in the middle of a body: %s', async path => {
  let hasArrived = false
  const watched = app({ limits: { body: 9_000_000 } }).on('requestStarted', () => (hasArrived = true))
  for (const encoding of ['identity', 'gzip']) {
    await serveHttp2(watched, async session => {
      const stream = session.request({ ':method': 'POST', ':path': path, 'content-encoding': encoding })
      stream.on('error', () => undefined).write(gzipSync(randomBytes(3_000_000)))
      await until('the request has arrived', () => hasArrived)
      stream.close(constants.NGHTTP2_CANCEL)
      await until('the request is torn down', () => log.length > 0)
    })
    expect(log.splice(0)).toEqual(['teardown AbortError, read true'])
  }
})

describe('a client that disconnects, for middleware that has replaced ctx.signal', () => {
  const replaced = (options = {}) => {
    const middleware: Koa.Middleware = (ctx, next) => {
      ;(ctx as { signal?: unknown }).signal = new AbortController().signal
      note('arrived')
      return next()
    }
    return app({ middleware: [middleware], ...options })
  }

  test.each(['identity', 'gzip'])('%s', async encoding => {
    await serveHttp2(replaced({ limits: { body: 9_000_000 } }), async session => {
      const stream = session.request({ ':method': 'POST', ':path': '/bytes', 'content-encoding': encoding })
      stream.on('error', () => undefined).write(gzipSync(randomBytes(3_000_000)))
      await until('the request has arrived', () => log.length > 0)
      stream.close(constants.NGHTTP2_CANCEL)
      await until('the request is torn down', () => log.length > 1)
    })
    expect(log.splice(0)).toEqual(['arrived', 'teardown AbortError, read true'])
    await serve(replaced(), async url => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(`POST /bytes HTTP/1.1\r\nHost: a\r\nContent-Encoding: ${encoding}\r\nContent-Length: 99\r\n\r\n`)
      socket.write(gzipSync('x'.repeat(1000)).subarray(0, 20))
      await until('the request has arrived', () => log.length > 0)
      setImmediate(() => socket.destroy())
      await until('the request is torn down', () => log.length > 1)
    })
    expect(log).toEqual(['arrived', 'teardown AbortError, read true'])
  })
})

describe('on a socket', () => {
  const request = (path: string, length: number, body = '', type = JSON_TYPE) =>
    `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n${body}`

  async function talk(url: string, first: string) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let received = ''
    socket.setEncoding('latin1').on('data', data => (received += data))
    socket.on('error', () => undefined).write(first)
    return { socket, received: () => received }
  }

  test.each([
    ['/guarded', 1000, '200', 'none'],
    ['/text', 2_000_000, '413', 'none'],
    ['/declared', 2_000_000, '413', 'none'],
    ['/nowhere', 1000, '404', 'none'],
  ])('%s with %d bytes is answered unread, and the connection goes on behind them', async (path, length, status) => {
    await serve(app(), async url => {
      const { socket, received } = await talk(url, request(path, length, 'x'))
      await until('it is answered', () => received().includes(`HTTP/1.1 ${status}`))
      expect(log.at(-1)).toBe('teardown none, read false')
      socket.write('x'.repeat(length - 1) + request('/text', 4, 'next', 'text/plain'))
      await until('the next is answered', () => received().endsWith('["next"]'))
      socket.destroy()
    })
  })

  test('the rest of a body that is too long in the middle passes', async () => {
    await serve(app({ limits: { body: 10 } }), async url => {
      const head = `POST /text HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`
      const { socket, received } = await talk(url, `${head}b\r\nhello world\r\n`)
      await until('it is answered', () => received().includes('HTTP/1.1 413'))
      for (let count = 0; count < 100; count++) socket.write(`2710\r\n${'x'.repeat(10_000)}\r\n`)
      socket.write(`0\r\n\r\n${request('/text', 4, 'next', 'text/plain')}`)
      await until('the next is answered', () => received().endsWith('["next"]'))
      socket.destroy()
    })
  })

  test.each(['/json', '/declared', '/bytes'])(
    'an abort in the middle: teardown gets it, and nothing is logged (%s)',
    async path => {
      const logged: unknown[] = []
      const watched = bootstrap(App, { logger: { error: (...args: unknown[]) => logged.push(args) } })
      let hasArrived = false
      watched.on('error', error => logged.push(error)).on('requestStarted', () => (hasArrived = true))
      await serve(watched, async url => {
        const { socket } = await talk(url, request(path, 1000, '{'))
        await until('the request has arrived', () => hasArrived)
        setImmediate(() => socket.destroy()) // in the middle of the reading
        await until('the request is torn down', () => log.length > 0)
      })
      expect([log, logged]).toEqual([['teardown AbortError, read true'], []])
    },
  )

  test('a slow body with requestTimeout: a 503, and the connection is closed', async () => {
    await serve(app({ requestTimeout: patience(30) }), async url => {
      const { socket, received } = await talk(url, request('/json', 1000, '{'))
      await until('the connection is closed', () => socket.closed)
      expect(received()).toMatch(/^HTTP\/1.1 503 [^]*Connection: close/)
    })
    expect(log).toEqual(['teardown none, read true'])
  })

  test('a request that is aborted before its body is read', async () => {
    class Late {
      @Post('/') async index({ request, signal }: Context) {
        note('waits')
        await new Promise(resolve => signal.addEventListener('abort', resolve))
        return request.text()
      }
      @ErrorHandler(413) never() {
        return 'never'
      }
      @TeardownRequest teardown(error?: Error) {
        note(`teardown ${error?.name}`)
      }
    }
    await serve(bootstrap(Late, { logger: false }), async url => {
      const { socket } = await talk(url, request('/', 1000, '{'))
      await until('the view waits', () => log.length > 0)
      socket.destroy()
      await until('the request is torn down', () => log.length > 1)
    })
    expect(log).toEqual(['waits', 'teardown AbortError'])
  })
})

test('a body that nothing awaits ends no process, whatever is in it', async () => {
  class Hasty {
    @Post('/<any(json, text, bytes, form):method>')
    index({ method }: { method: 'json' | 'text' | 'bytes' | 'form' }, { request }: Context) {
      void request[method]()
      return 'done'
    }
    @Post('/moved') async moved({ request }: Context) {
      const { files } = await request.form()
      void files.get('f')?.moveTo('/none/of/this')
      await settled()
      return 'moved'
    }
  }
  const unhandled: unknown[] = []
  const notice = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', notice)
  try {
    await serve(bootstrap(Hasty, { logger: false }), async url => {
      for (const [method, type] of [
        ['json', 'application/json'],
        ['json', 'text/plain'],
        ['text', 'text/plain; charset=latin1'],
        ['form', MULTIPART],
        ['form', 'text/plain'],
      ] as const) {
        expect(await sendHttp1(url, { path: `/${method}`, type, body: '{' })).toEqual([200, 'done'])
      }
      const body = multipart([part('f', 'x', 'f')])
      expect(await sendHttp1(url, { path: '/moved', type: MULTIPART, body })).toEqual([200, 'moved'])
      await settled()
    })
    await settled()
  } finally {
    process.off('unhandledRejection', notice)
  }
  expect(unhandled).toEqual([])
})
