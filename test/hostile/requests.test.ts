import { connect } from 'node:net'
import {
  BeforeRequest,
  Post,
  Route,
  TeardownRequest,
  bootstrap,
  g,
  lifecycle,
  makeResponse,
  redirect,
  session,
  type Context,
} from 'flaskoa'
import Koa from 'koa'
import { Gate } from '../support/gate'
import { serve } from '../support/serve'
import { fields, raw, statuses, written } from './raw'

// What a client alone does is its own mistake, a 4xx, or does no harm. It is never an error of the application.

const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '__defineGetter__',
]

class App {
  @BeforeRequest() touch(ctx: Context) {
    // What a log would ask for.
    g.name = [ctx.path, ctx.querystring, ctx.host, ctx.ip, ctx.protocol].join()
  }
  @Route('/', { methods: ['GET', 'POST'] }) index() {
    session.count = (session.count ?? 0) + 1
    return 'index'
  }
  @Route('/value/<value>') value({ value }: { value: string }) {
    return { value }
  }
  @Route('/int/<int:n>') int({ n }: { n: number }) {
    return { n }
  }
  @Route('/float/<float:n>') float({ n }: { n: number }) {
    return { n }
  }
  @Route('/uuid/<uuid:id>') uuid({ id }: { id: string }) {
    return { id }
  }
  @Route('/any/<any(en, de):lang>') any({ lang }: { lang: string }) {
    return { lang }
  }
  @Route('/slash/') slash() {
    return 'slash'
  }
  @Route('/names/<__proto__>/<constructor>') names(values: Record<string, string>) {
    return { values: Object.entries(values) }
  }
  @Route('/store') store(ctx: Context) {
    const bag: Record<string, unknown> = g as never
    // `g` has a `toString` for templates, as the `g` of Flask has a `__str__`; it is not `in` it.
    const values = HOSTILE_NAMES.filter(name => name !== 'toString' && bag[name] !== undefined)
    const found = [...values, ...HOSTILE_NAMES.filter(name => name in bag)]
    for (const name of Object.keys(ctx.query)) bag[name] = ctx.query[name]
    return { found, stored: Object.entries(bag).filter(([name]) => name !== 'name'), query: Object.entries(ctx.query) }
  }
  @Route('/session') session(ctx: Context) {
    const name = String(ctx.query.name)
    const before: unknown = Reflect.get(session, name)
    Object.assign(session, { [name]: 'x' })
    return { before: typeof before }
  }
  @Route('/header') header(ctx: Context) {
    ctx.set('X-Echo', String(ctx.query.to))
    return 'header'
  }
  @Route('/made') made(ctx: Context) {
    return makeResponse('made', 200, { 'X-Echo': String(ctx.query.to) })
  }
  @Route('/redirect') redirect(ctx: Context) {
    return redirect(String(ctx.query.to))
  }
  @Route('/cookie') cookie(ctx: Context) {
    ctx.cookies.set('echo', String(ctx.query.to))
    return 'cookie'
  }
}

/** The application's responses to bytes, and the errors it reports. */
function probe(use: (send: (bytes: string) => Promise<string>, errors: string[]) => Promise<void>): Promise<void> {
  const errors: string[] = []
  const app = bootstrap(App, { secretKey: 'secret', logger: false }).on('error', error => errors.push(String(error)))
  return serve(app, url => use(bytes => raw(url, bytes), errors))
}

const get = (target: string, headers: readonly string[] = []) => written(`GET ${target}`, headers)
const long = 'a'.repeat(15_000)

describe('the URL', () => {
  test.each<[string, number]>([
    ['/%', 400],
    ['/value/%zz', 400],
    ['/value/%ff', 400],
    ['/value/%c0%af', 400],
    ['/value/%ed%a0%80', 400],
    ['/value/%E2%82', 400],
    ['/value/\xe9', 400],
    ['/value/a\x00b', 400],
    ['/value/%00', 200],
    ['/value/%0d%0aX-Evil:%201', 200],
    ['/value/a%2Fb', 404],
    ['/%2e%2e/%2e%2e/etc/passwd', 404],
    ['//evil.example', 404],
    ['/\\evil.example', 404],
    ['foo', 400],
    ['?a', 400],
    ['*', 404],
    ['http://localhost/', 200],
    ['http://user:password@localhost:99999/', 200],
    ['http://a:b/', 404],
    ['http://[::1', 400],
    ['http://', 400],
    ['http://%', 400],
    [`/value/${long}`, 200],
    [`/value/${'%41'.repeat(5000)}`, 200],
    [`/${'a/'.repeat(7000)}`, 404],
    [`/value/${long}${long}`, 431],
    [`/?${'a&'.repeat(7000)}`, 200],
    ['/?a=%zz&%=%&=&&&a[b]=c&a[__proto__]=d', 200],
    [`/int/${'9'.repeat(15_000)}`, 404],
    ['/int/00000000000000000000000000000000000000001', 200],
    ['/int/1e3', 404],
    ['/int/-1', 404],
    ['/int/%D9%A1', 404],
    [`/float/${'9'.repeat(7000)}.${'9'.repeat(7000)}`, 404],
    [`/float/1.${'0'.repeat(14_000)}`, 200],
    ['/float/1.', 404],
    ['/float/Infinity', 404],
    [`/uuid/${'a'.repeat(15_000)}`, 404],
    ['/any/', 404],
    ['/any/__proto__', 404],
    ['/any/en|de', 404],
    ['/constructor', 404],
    ['/__proto__', 404],
    ['/__proto__/__proto__', 404],
  ])('%.60j is answered with %i', async (target, expected) => {
    await probe(async (send, errors) => {
      expect([statuses(await send(get(target))), errors]).toEqual([[expected], []])
      expect(statuses(await send(get('/')))).toEqual([200])
    })
  })

  test('a malformed URL is a 400 in a plain Koa application, too', async () => {
    class Views {
      @Route('/') index() {
        return ''
      }
    }
    const errors: string[] = []
    const app = new Koa().use(lifecycle(Views)).on('error', error => errors.push(String(error)))
    await serve(app, async url => expect(statuses(await raw(url, get('http://[::1')))).toEqual([400]))
    expect(errors).toEqual([])
  })

  test.each(['/slash', '//slash', '///slash', '/%73lash', '//evil.example/../slash', '//slash?//evil.example'])(
    '%s is never sent on to another host',
    async target => {
      await probe(async send => {
        const location = fields(await send(get(target))).find(field => field.startsWith('location:')) ?? ''
        expect(location).not.toMatch(/location: *(?:\/\/|\\|[a-z]+:)/)
      })
    },
  )

  test('names of Object.prototype are ordinary values', async () => {
    await probe(async (send, errors) => {
      expect(await send(get('/names/a/b'))).toMatch('{"values":[["__proto__","a"],["constructor","b"]]}')
      for (const name of HOSTILE_NAMES) {
        expect(await send(get(`/value/${name}`))).toMatch(`{"value":"${name}"}`)
        expect(await send(get(`/store?${name}=x`))).toMatch(
          `{"found":[],"stored":[["${name}","x"]],"query":[["${name}","x"]]}`,
        )
      }
      expect(await send(get('/store'))).toMatch('{"found":[],"stored":[],"query":[]}')
      expect(errors).toEqual([])
    })
  })

  test('a name that the session reserves is refused, all others are values', async () => {
    await probe(async (send, errors) => {
      for (const name of HOSTILE_NAMES) {
        const isKept = name.startsWith('_')
        expect(statuses(await send(get(`/session?name=${name}`)))).toEqual([isKept ? 500 : 200])
        expect(errors.splice(0).join()).toMatch(isKept ? `session key ${name}: this name is reserved` : '')
      }
      expect(({} as { x?: unknown }).x).toBeUndefined()
    })
  })
})

describe('the method', () => {
  test.each([
    ['OPTIONS *', [404]],
    ['TRACE /', [405]],
    ['get /', [400]],
    ['FOO /', [400]],
    ['__proto__ /', [400]],
    ['PRI *', [400]],
    ['CONNECT localhost:80', []],
  ])('%s', async (line, expected) => {
    await probe(async send => expect(statuses(await send(written(line)))).toEqual(expected))
  })
})

/** From Node 22 on an empty field counts towards the size of the header. */
const MANY_FIELDS = Number(process.versions.node.split('.')[0]) < 22 ? 200 : 431

describe('the header', () => {
  const body = ['Content-Length: 1']
  test.each<[string, readonly string[], number[]]>([
    ['two lengths', ['Content-Length: 1', 'Content-Length: 2'], [400]],
    ['a length twice', ['Content-Length: 1', 'Content-Length: 1'], [400]],
    ['a length and chunks', ['Content-Length: 1', 'Transfer-Encoding: chunked'], [400]],
    ['chunks that are not last', ['Transfer-Encoding: chunked, identity'], [400]],
    ['an unknown coding', ['Transfer-Encoding: xchunked'], [400]],
    ['a negative length', ['Content-Length: -1'], [400]],
    ['a length in letters', ['Content-Length: 1e3'], [400]],
    ['a NUL', [...body, 'X: a\x00b'], [400]],
    ['a bare line feed', [...body, 'X: a\nb'], [400]],
    ['a space before the colon', [...body, 'X : y'], [400]],
    ['a folded line', [' X: y', ...body], [400]],
    ['no name', [...body, ': y'], [400]],
    ['an unknown expectation', [...body, 'Expect: tea'], [417]],
    ['two hosts', [...body, 'Host: other'], [400]],
    ['bytes that are no text', [...body, 'Accept: \xff;q=z', 'Content-Type: \xff', 'If-None-Match: \xff'], [200]],
    ['names of Object’s own', [...body, '__proto__: 1', 'constructor: 2', 'toString: 3'], [200]],
    ['a proxy’s names', [...body, 'X-Forwarded-Proto: \xff', 'X-Forwarded-Host: a b', 'X-Forwarded-For: ,,'], [200]],
    ['an upgrade', [...body, 'Upgrade: websocket'], [200]],
    ['20 KB', [...body, `X: ${long}${long}`], [431]],
    ['3,000 fields', [...body, ...Array.from({ length: 1500 }, (_, index) => `X${index}:`)], [MANY_FIELDS]],
  ])('%s', async (_, headers, expected) => {
    await probe(async (send, errors) => {
      expect([statuses(await send(written('POST /', headers, 'x'))), errors]).toEqual([expected, []])
    })
  })

  test('no host', async () => {
    await probe(async (send, errors) => {
      expect(statuses(await send('GET / HTTP/1.1\r\nConnection: close\r\n\r\n'))).toEqual([400])
      expect(errors).toEqual([])
    })
  })

  test.each([
    ...['', 'localhost', 'a_b.c-d.e:80', 'a:', '127.0.0.1:8080', '[::1]:80', '[::ffff:1.2.3.4]'].map(host => [
      host,
      200,
    ]),
    ...['a b/\\', '<script>', '[::1', 'a@b', 'a:b', 'a:1:2', 'a/b', 'a?b', '"a"'].map(host => [host, 400]),
  ] as [string, number][])('the host %p is a %i', async (host, status) => {
    await probe(async (send, errors) => {
      for (const _ of [1, 2]) {
        expect(statuses(await send(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))).toEqual([status])
      }
      expect(errors).toEqual([])
    })
  })
})

describe('unchecked input that a view sends back', () => {
  const split = '%0d%0aX-Evil:%201%0d%0a%0d%0aHTTP/1.1%20200%20OK'
  test.each([
    ['/header', 500],
    ['/made', 500],
    ['/cookie', 500],
    ['/redirect', 302],
  ])('%s is one response, without another’s header', async (path, status) => {
    await probe(async send => {
      for (const text of [split, '%0aX-Evil:%201', '%0dX-Evil:%201', '%00']) {
        const received = await send(get(`${path}?to=${text}`))
        const [head, body] = [fields(received), received.slice(received.indexOf('\r\n\r\n') + 4)]
        expect(statuses(received)[0]).toBe(status)
        expect(head).toContain(`content-length: ${body.length}`)
        expect(head.filter(field => /^(?:x-evil|x-echo|set-cookie)/.test(field))).toEqual([])
        expect(received).not.toMatch(/ at |\.ts|\.js/)
      }
      expect(statuses(await send(get('/cookie?to=a;b')))).toEqual([500])
    })
  })
})

test('each of many requests on one connection gets its own answer', async () => {
  await probe(async send => {
    const values = Array.from({ length: 50 }, (_, index) => String(index))
    const requests = values.map(value => `GET /value/${value} HTTP/1.1\r\nHost: a\r\n\r\n`)
    const received = await send(requests.join('') + get('/value/last'))
    expect([...received.matchAll(/\{"value":"(\w+)"\}/g)].map(([, value]) => value)).toEqual([...values, 'last'])
  })
})

test('no header names the software or its version', async () => {
  await probe(async send => {
    for (const target of ['/', '/value/a', '/none', '/header?to=%0a', '/slash']) {
      const names = fields(await send(get(target))).map(field => field.split(':')[0])
      expect(names).not.toContain('x-powered-by')
      expect(names).not.toContain('server')
    }
  })
})

test('invalid bytes after a request, or a reset, are not reported as application errors', async () => {
  class Slow {
    @Route('/') async index({ req }: Context) {
      await new Promise(resolve => req.socket.once('close', resolve))
      return 'late'
    }
    @Route('/reset') reset({ req }: Context) {
      const unread = Object.assign(new Error('Parse Error'), {
        code: 'HPE_INVALID_METHOD',
        rawPacket: Buffer.from('x'),
      })
      req.socket.destroy(new Error('reset'))
      req.socket.emit('error', unread)
      return 'never'
    }
  }
  const errors: string[] = []
  const app = bootstrap(Slow, { logger: false }).on('error', error => errors.push(String(error)))
  await serve(app, async url => {
    expect(statuses(await raw(url, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n\0\0\r\n\r\n'))).toEqual([400])
    expect(await raw(url, get('/reset'))).toBe('')
  })
  expect(errors).toEqual([])
})

test.each(['GE', 'GET / HTTP/1.1\r\nHo', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{"a"'])(
  'a client that resets the connection behind the beginning of a second request, %j, is no error of the application',
  async second => {
    const torn = new Gate()
    class Reading {
      @Post('/') async index({ request, req }: Context) {
        const text = await request.text()
        await new Promise(resolve => setImmediate(resolve)) // the reset is found while the response is written
        return text + String(req.socket.bytesRead)
      }
      @TeardownRequest teardown() {
        torn.open()
      }
    }
    const errors: string[] = []
    const app = bootstrap(Reading, { logger: false }).on('error', error => errors.push(String(error)))
    await serve(app, async url => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
      socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n{"a":1}${second}`)
      socket.resetAndDestroy()
      await torn.pass()
    })
    expect(errors).toEqual([])
  },
)
