import Koa from 'koa'
import {
  BeforeRequest,
  Delete,
  Get,
  Patch,
  Post,
  Put,
  Route,
  TeardownRequest,
  abort,
  bootstrap,
  lifecycle,
  makeResponse,
  redirect,
  session,
  streamWithContext,
  type BootstrapOptions,
  type Context,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'

async function bodyOf({ req }: Context): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of req) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

/** Answers with what it was asked. */
class Echo {
  @Route('/<path:path>', { methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] })
  async echo({ path }: { path: string }, ctx: Context) {
    const { method, headers, search } = ctx
    return { method, path, search, type: headers['content-type'], headers, body: await bodyOf(ctx) }
  }
}

interface Echoed {
  readonly method: string
  readonly path: string
  readonly search: string
  readonly type?: string
  readonly headers: Record<string, string>
  readonly body: string
}

const echo = (options?: Parameters<typeof testClient>[1]) => testClient(bootstrap(Echo), options)

describe('a request', () => {
  test('each method', async () => {
    const client = echo()
    const methods = ['get', 'post', 'put', 'patch', 'delete', 'options'] as const
    const seen = await Promise.all(methods.map(async method => (await client[method]('/a')).json<Echoed>().method))
    expect(seen).toEqual(methods.map(method => method.toUpperCase()))
    expect([(await client.head('/a')).status, (await client.request('PUT', '/a')).json<Echoed>().method]).toEqual([
      ...[200, 'PUT'],
    ])
  })

  test('methods find their own rules', async () => {
    class Users {
      @Get('/') get() {
        return 'get'
      }
      @Post('/') post() {
        return 'post'
      }
      @Put('/') put() {
        return 'put'
      }
      @Patch('/') patch() {
        return 'patch'
      }
      @Delete('/') delete() {
        return 'delete'
      }
    }
    const client = clientOf(Users)
    const answers = await Promise.all([
      client.get('/'),
      client.post('/'),
      client.put('/'),
      client.patch('/'),
      client.delete('/'),
    ])
    expect(answers.map(({ text }) => text)).toEqual(['get', 'post', 'put', 'patch', 'delete'])
  })

  test('json', async () => {
    const { type, body } = (await echo().post('/a', { json: { a: [1, null] } })).json<Echoed>()
    expect([type, body]).toEqual(['application/json', '{"a":[1,null]}'])
    expect((await echo().post('/a', { json: null })).json<Echoed>().body).toBe('null')
  })

  test('form', async () => {
    const { type, body } = (await echo().post('/a', { form: { name: 'Ada & Bob', ü: '' } })).json<Echoed>()
    expect([type, body]).toEqual(['application/x-www-form-urlencoded', 'name=Ada+%26+Bob&%C3%BC='])
  })

  test('body, as text and as bytes', async () => {
    const headers = { 'Content-Type': 'text/plain' }
    const text = (await echo().put('/a', { body: 'grüße', headers })).json<Echoed>()
    const bytes = (await echo().put('/a', { body: Buffer.from([103, 114]) })).json<Echoed>()
    expect([text.type, text.body, bytes.type, bytes.body]).toEqual(['text/plain', 'grüße', undefined, 'gr'])
    expect(text.headers['content-length']).toBe('7')
  })

  test('one body only', async () => {
    await expect(echo().post('/a', { json: 1, body: 'x' })).rejects.toThrow(
      'a request has one body: give json, form or body',
    )
  })

  test('query, behind that of the path', async () => {
    const query = { page: 2, tags: ['a', 'b c'], all: true }
    expect((await echo().get('/a?q=ü', { query })).json<Echoed>().search).toBe(
      '?q=%C3%BC&page=2&tags=a&tags=b+c&all=true',
    )
  })

  test('headers, over those that the client always sends', async () => {
    const client = echo({ headers: { 'X-Always': '1', Accept: 'text/html' } })
    const { headers } = (await client.get('/a', { headers: { Accept: 'text/css' } })).json<Echoed>()
    expect([headers['x-always'], headers.accept, headers.host]).toEqual(['1', 'text/css', 'localhost'])
  })

  test('a header that is given wins whatever its case, also over the type of the body', async () => {
    const client = echo({ headers: { accept: 'text/html' } })
    const options = { json: {}, headers: { ACCEPT: 'text/css', 'CONTENT-TYPE': 'application/problem+json', Host: 'h' } }
    const { headers } = (await client.post('/a', options)).json<Echoed>()
    expect([headers.accept, headers['content-type'], headers.host]).toEqual([
      'text/css',
      'application/problem+json',
      'h',
    ])
  })

  test('baseUrl gives the host', async () => {
    const client = echo({ baseUrl: 'http://example.test:8080/' })
    expect((await client.get('/a')).json<Echoed>().headers.host).toBe('example.test:8080')
  })

  test('two slashes at the start of a path do not begin a host', async () => {
    const { headers, path } = (await echo().get('//a/b')).json<Echoed>()
    expect([headers.host, path]).toEqual(['localhost', 'a/b'])
  })

  test('a path may be relative to baseUrl, or a URL of its own', async () => {
    const client = echo({ baseUrl: 'http://localhost/base/' })
    const seen = await Promise.all(['a', '/a', 'http://other.test/a'].map(url => client.get(url)))
    expect(seen.map(response => [response.json<Echoed>().headers.host, response.json<Echoed>().path])).toEqual([
      ['localhost', 'base/a'],
      ['localhost', 'a'],
      ['other.test', 'a'],
    ])
  })
})

describe('a response', () => {
  class Answers {
    @Route('/json')
    json() {
      return { a: 1 }
    }
    @Route('/text')
    text() {
      return makeResponse('grüße', 201, { 'X-One': '1', 'Set-Cookie': ['a=1', 'b=2'] })
    }
    @Route('/bytes')
    bytes() {
      return Buffer.from([0, 255, 1])
    }
    @Route('/stream')
    async *stream() {
      yield 'one '
      yield 'two'
    }
  }
  const client = clientOf(Answers)

  test('status, text, body, headers', async () => {
    const response = await client.get('/text')
    expect([response.status, response.text, response.body.length]).toEqual([201, 'grüße', 7])
    expect([response.header('x-one'), response.header('X-ONE'), response.header('X-Two')]).toEqual([
      '1',
      '1',
      undefined,
    ])
    expect([response.header('Set-Cookie'), response.headers['set-cookie']]).toEqual(['a=1, b=2', ['a=1', 'b=2']])
    expect([(await client.get('/bytes')).body, (await client.get('/stream')).text]).toEqual([
      Buffer.from([0, 255, 1]),
      'one two',
    ])
  })

  test('json', async () => {
    expect((await client.get('/json')).json()).toEqual({ a: 1 })
    const text = await client.get('/text')
    expect(() => text.json()).toThrow(SyntaxError)
    expect(() => text.json()).toThrow('the body of the 201 response is not JSON: grüße')
  })
})

describe('cookies', () => {
  class Cookies {
    @Route('/set')
    set(ctx: Context) {
      ctx.cookies.set('here', '1')
      ctx.cookies.set('there', '1', { path: '/other' })
      ctx.cookies.set('foreign', '1', { domain: 'example.test' })
      ctx.cookies.set('gone', '1', { maxAge: -1000 })
      return ''
    }
    @Route('/unset')
    unset(ctx: Context) {
      ctx.cookies.set('here', null)
      return ''
    }
    @Route('/get')
    @Route('/other')
    get(ctx: Context) {
      return ctx.get('Cookie')
    }
  }

  test('are kept from one request to the next, where they belong', async () => {
    const client = testClient(bootstrap(Cookies))
    await client.get('/set')
    expect([(await client.get('/get')).text, (await client.get('/other')).text]).toEqual(['here=1', 'there=1; here=1'])
    await client.get('/unset')
    expect((await client.get('/get')).text).toBe('')
  })

  test('are each client’s own', async () => {
    const app = bootstrap(Cookies)
    await testClient(app).get('/set')
    expect((await testClient(app).get('/get')).text).toBe('')
  })

  test('are in the jar, to be read and written', async () => {
    const client = testClient(bootstrap(Cookies))
    client.cookies.set('own', '5')
    expect((await client.get('/get')).text).toBe('own=5')
    await client.get('/set')
    expect(Array.from(client.cookies, ({ name }) => name)).toEqual(['there', 'own', 'here'])
  })

  test('a header gives others for one request', async () => {
    const client = testClient(bootstrap(Cookies))
    await client.get('/set')
    expect((await client.get('/get', { headers: { Cookie: 'given=1' } })).text).toBe('given=1')
  })
})

describe('redirects', () => {
  class Redirects {
    @Route('/to/<int:code>', { methods: ['GET', 'POST'] })
    to({ code }: { code: number }) {
      session.name = 'kept'
      return redirect('/end?a=1', code)
    }
    @Route('/end', { methods: ['GET', 'POST'] })
    async end(ctx: Context) {
      return [ctx.method, await bodyOf(ctx), ctx.get('X-Own'), session.name ?? null, ctx.search]
    }
    @Route('/twice')
    twice() {
      return redirect('to/302')
    }
    @Route('/loop')
    loop() {
      return redirect('/loop')
    }
    @Route('/folder/')
    folder(ctx: Context) {
      return ctx.search
    }
  }
  const client = () => clientOf(Redirects)
  const follow = { followRedirects: true }

  test('are not followed unless that is asked for', async () => {
    const response = await client().get('/to/302')
    expect([response.status, response.header('Location'), response.redirects]).toEqual([302, '/end?a=1', []])
  })

  test('are followed with cookies and headers', async () => {
    const response = await client().get('/twice', { ...follow, headers: { 'X-Own': 'yes' } })
    expect([response.json(), response.redirects]).toEqual([
      ['GET', '', 'yes', 'kept', '?a=1'],
      ['http://localhost/to/302', 'http://localhost/end?a=1'],
    ])
  })

  test.each([
    [301, ['GET', '']],
    [302, ['GET', '']],
    [303, ['GET', '']],
    [307, ['POST', 'x']],
    [308, ['POST', 'x']],
  ])('%d after a POST: as browsers do', async (code, expected) => {
    const response = await client().post(`/to/${code}`, { ...follow, body: 'x' })
    expect(response.json<unknown[]>().slice(0, 2)).toEqual(expected)
  })

  test('HEAD stays HEAD', async () => {
    const response = await client().head('/to/303', follow)
    expect([response.status, response.text, response.redirects.length]).toEqual([200, '', 1])
  })

  test('the query is not added a second time', async () => {
    expect((await client().get('/folder', { ...follow, query: { b: 2 } })).text).toBe('?b=2')
  })

  test('without a Location there is nowhere to go', async () => {
    class App {
      @Route('/')
      index() {
        return makeResponse('choose', 302)
      }
    }
    const response = await clientOf(App).get('/', follow)
    expect([response.status, response.text, response.redirects]).toEqual([302, 'choose', []])
  })

  test('more than 20 are too many', async () => {
    await expect(client().get('/loop', follow)).rejects.toThrow(/^more than 20 redirects: .*\/loop → /)
  })
})

describe('the session', () => {
  class App {
    @BeforeRequest
    before() {
      log.push('before')
    }
    @Route('/')
    index() {
      session.count = (session.count ?? 0) + 1
      return [session.count]
    }
  }
  const log: string[] = []
  beforeEach(() => {
    log.length = 0
  })

  test('can be read, and is empty at first', async () => {
    const client = clientOf(App)
    expect(await client.session()).toEqual({})
    await client.get('/')
    expect(await client.session()).toEqual({ count: 1 })
  })

  test('can be written, without a request of the controllers', async () => {
    const client = clientOf(App)
    const changed = await client.session(async stored => {
      await Promise.resolve()
      stored.count = 41
    })
    expect([changed, log]).toEqual([{ count: 41 }, []])
    expect((await client.get('/')).json()).toEqual([42])
  })

  test('can be emptied', async () => {
    const client = clientOf(App)
    await client.get('/')
    expect(await client.session(stored => stored.clear())).toEqual({})
    expect((await client.get('/')).json()).toEqual([1])
  })

  test('what is given is a copy', async () => {
    const client = clientOf(App)
    await client.get('/')
    Object.assign(await client.session(), { count: 9 })
    expect((await client.get('/')).json()).toEqual([2])
  })

  test('an error of the change is thrown, and nothing is saved', async () => {
    const client = clientOf(App)
    const change = client.session(stored => {
      stored.count = 5
      throw new RangeError('from the test')
    })
    await expect(change).rejects.toThrow(new RangeError('from the test'))
    expect(await client.session()).toEqual({})
  })

  test('a value that it cannot hold is an error', async () => {
    await expect(clientOf(App).session(stored => (stored.value = 1n))).rejects.toThrow(/BigInt/)
  })

  test('without a secret it can be read, not written', async () => {
    const client = testClient(bootstrap(App))
    expect(await client.session()).toEqual({})
    await expect(client.session(stored => (stored.count = 1))).rejects.toThrow('no secret key is set')
  })

  test('an application without flaskoa has none', async () => {
    await expect(testClient(new Koa()).session()).rejects.toThrow('this application has no session of flaskoa')
  })

  test('middleware outside of the lifecycle is left out', async () => {
    const client = clientOf(App, { middleware: [ctx => void (ctx.body = 'closed')] })
    await client.session(stored => (stored.count = 3))
    expect(await client.session()).toEqual({ count: 3 })
  })
})

describe('propagateExceptions', () => {
  const failure = new Error('from the view')
  class App {
    @Route('/')
    index(): string {
      throw failure
    }
    @Route('/abort')
    abort(): string {
      abort(404)
    }
    @Route('/fine')
    fine() {
      return 'fine'
    }
    @Route('/stream')
    stream() {
      return streamWithContext(async function* () {
        yield 'a'
        await Promise.resolve()
        throw failure
      })
    }
    @Route('/teardown')
    teardownFails() {
      return 'sent'
    }
    @TeardownRequest
    teardown(_: unknown, ctx: Context) {
      if (ctx.path === '/teardown') throw new Error('from teardown')
    }
  }
  const quiet = { logger: false } as const

  test.each<[string, BootstrapOptions, { propagateExceptions?: boolean }]>([
    ['testing', { testing: true }, {}],
    ['debug', { debug: true }, {}],
    ['propagateExceptions', { propagateExceptions: true }, {}],
    ['the client’s own option', {}, { propagateExceptions: true }],
  ])('[10.1] %s: the request rejects with the error itself', async (_, options, clientOptions) => {
    const client = testClient(bootstrap(App, { ...quiet, ...options }), clientOptions)
    await expect(client.get('/')).rejects.toBe(failure)
    expect([(await client.get('/fine')).text, (await client.get('/abort')).status]).toEqual(['fine', 404])
    await client.close()
  })

  test('[10.1] errors do not propagate without these options, or if the client turns propagation off', async () => {
    const clients = [
      testClient(bootstrap(App, quiet)),
      testClient(bootstrap(App, { ...quiet, testing: true }), { propagateExceptions: false }),
    ]
    for (const client of clients) expect((await client.get('/')).status).toBe(500)
  })

  test('an error in a stream rejects, with the error where exceptions propagate', async () => {
    await expect(testClient(bootstrap(App, quiet)).get('/stream')).rejects.toThrow()
    await expect(testClient(bootstrap(App, { ...quiet, testing: true })).get('/stream')).rejects.toBe(failure)
  })

  test('so does an error of a teardown method', async () => {
    const client = testClient(bootstrap(App, { ...quiet, testing: true }))
    await expect(client.get('/teardown')).rejects.toThrow('from teardown')
    expect((await testClient(bootstrap(App, quiet)).get('/teardown')).text).toBe('sent')
  })

  test('each request rejects with its own error, however many run', async () => {
    class Own {
      @Route('/<int:id>')
      async show({ id }: { id: number }) {
        for (let turn = 0; turn < id % 4; turn++) await new Promise(setImmediate)
        if (id % 2) throw new Error(`failure ${id}`)
        return String(id)
      }
    }
    const client = testClient(bootstrap(Own, { testing: true }))
    const ids = Array.from({ length: 50 }, (_, id) => id)
    const outcomes = await Promise.all(
      ids.map(id =>
        client.get(`/${id}`).then(
          response => response.text,
          (error: unknown) => (error as Error).message,
        ),
      ),
    )
    expect(outcomes).toEqual(ids.map(id => (id % 2 ? `failure ${id}` : String(id))))
  })

  test('in a plain Koa application too', async () => {
    const app = new Koa()
    app.silent = true
    app.use(lifecycle(App, { testing: true }))
    await expect(testClient(app).get('/')).rejects.toBe(failure)
    const none = new Koa()
    none.silent = true
    none.use(() => {
      throw failure
    })
    expect((await testClient(none).get('/')).status).toBe(500)
    await expect(testClient(none, { propagateExceptions: true }).get('/')).rejects.toBe(failure)
  })

  test('no number of clients and requests adds listeners to the application', async () => {
    const app = bootstrap(App, quiet)
    await testClient(app).get('/fine')
    const listeners = app.listenerCount('error')
    await Promise.all(Array.from({ length: 20 }, () => testClient(app).get('/fine')))
    expect(app.listenerCount('error')).toBe(listeners)
  })
})

describe('close', () => {
  test('[7.7] runs the teardown that debug mode defers, and may be called at any time', async () => {
    const log: unknown[] = []
    class App {
      @Route('/')
      index(): string {
        throw new Error('from the view')
      }
      @TeardownRequest
      teardown(error?: Error) {
        log.push(error?.message)
      }
    }
    const client = clientOf(App, { debug: true })
    await client.close()
    await expect(client.get('/')).rejects.toThrow('from the view')
    expect(log).toEqual([])
    await client.close()
    await client.close()
    expect(log).toEqual(['from the view'])
    await testClient(new Koa()).close()
  })
})

test('no sockets: the client works while nothing listens, and opens none', async () => {
  const app = bootstrap(Echo)
  const listen = jest.spyOn(app, 'listen')
  await testClient(app).post('/a', { json: { big: 'x'.repeat(1_000_000) } })
  expect(listen).not.toHaveBeenCalled()
})

test('testClient throws an error for anything but a Koa application', () => {
  expect(() => testClient(class {} as unknown as Koa)).toThrow(
    'testClient needs a Koa application, for instance what bootstrap(AppController) returns',
  )
})

test('an error without a request is logged without a URL', async () => {
  const entries: unknown[] = []
  class App {
    @Get('/') index() {
      return ''
    }
  }
  const app = bootstrap(App, { logger: { error: (...entry) => entries.push(entry) } })
  await testClient(app).get('/')
  const err = Object.assign(new Error('alone'), { stack: undefined })
  app.emit('error', err)
  expect(entries).toEqual([[{ err }, 'Exception: alone']])
  expect((entries as [[{ err: Error }]])[0][0].err).toBe(err)
})
