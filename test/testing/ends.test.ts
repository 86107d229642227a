import { Readable } from 'node:stream'
import type Koa from 'koa'
import {
  AfterResponse,
  BeforeRequest,
  Route,
  TeardownRequest,
  bootstrap,
  g,
  lifecycle,
  redirect,
  session,
  streamWithContext,
  type BootstrapOptions,
  type Context,
} from 'flaskoa'
import { testClient, testRequestContext } from 'flaskoa/testing'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { koaOf, worlds } from '../support/worlds'

// A request of the test client ends when its teardown has run, and leaves its `g` behind.

describe('teardown has run before the client goes on', () => {
  class App {
    @Route('/text') text() {
      return 'text'
    }
    @Route('/kept') kept() {
      return streamWithContext(async function* () {
        yield 'a'
        await settled()
        yield 'b'
      })
    }
    @Route('/kept/fails') keptFails() {
      return streamWithContext(async function* () {
        yield 'a'
        await settled()
        throw new Error('from the stream')
      })
    }
    @Route('/plain/fails') plainFails() {
      return Readable.from(
        (async function* () {
          yield 'a'
          await settled()
          throw new Error('from the stream')
        })(),
      )
    }
    @TeardownRequest() async teardown() {
      await settled()
      await settled()
      note('torn down')
    }
    @AfterResponse() after() {
      note('after the response')
    }
  }

  const options: BootstrapOptions[] = [{}, { debug: true }, { testing: true }, { propagateExceptions: true }]
  describe.each(worlds)('%s', (_, make) => {
    describe.each(options)('%j', options => {
      test.each([
        ['/text', true],
        ['/kept', true],
        ['/kept/fails', false],
        ['/plain/fails', false],
      ])('%s', async (path, isWhole) => {
        const response = testClient(make(App, [], options)).get(path)
        await (isWhole ? response : expect(response).rejects.toThrow())
        expect(log).toContain('torn down')
        await settled()
        expect(log.toSorted()).toEqual(['after the response', 'torn down'])
      })
    })
  })

  test('[7.7] but not where debug mode defers it', async () => {
    class Fails {
      @Route('/') index(): string {
        throw new Error('from the view')
      }
      @TeardownRequest() teardown() {
        note('torn down')
      }
    }
    const app = bootstrap(Fails, { debug: true, logger: false })
    const client = testClient(app, { propagateExceptions: false })
    expect((await client.get('/')).status).toBe(500)
    expect(log).toEqual([])
    await client.get('/')
    expect(log).toEqual(['torn down'])
    await client.close()
    expect(log).toEqual(['torn down', 'torn down'])
  })
})

describe('client.g', () => {
  class App {
    @BeforeRequest() before(ctx: Context) {
      g.name = String(ctx.query.name)
    }
    @Route('/') index() {
      return 'index'
    }
    @Route('/later') async later(ctx: Context) {
      if (ctx.query.name === 'slow') await gate.pass()
      return 'later'
    }
    @Route('/fails') fails(): string {
      throw new Error('from the view')
    }
    @Route('/breaks') breaks(ctx: Context) {
      ctx.socket.destroy()
      return 'breaks'
    }
    @Route('/moved') moved() {
      return redirect('/?name=end')
    }
    @TeardownRequest() teardown() {
      g.count = (g.count ?? 0) + 1
    }
  }
  let gate: Gate
  beforeEach(() => {
    gate = new Gate()
  })

  describe.each(worlds)('%s', (_, make) => {
    test('has the values that the last request left, also when it failed or its connection broke', async () => {
      const client = testClient(make(App, []))
      for (const path of ['/', '/fails', '/breaks', '/missing']) {
        await client.get(`${path}?name=${path}`).catch(() => undefined)
        expect({ ...client.g }).toEqual({ name: path, count: 1 })
      }
      await client.get('/moved?name=moved', { followRedirects: true })
      expect(client.g.name).toBe('end')
    })

    test('has those of the failed request where exceptions propagate', async () => {
      const client = testClient(make(App, [], { testing: true }))
      await expect(client.get('/fails?name=failed')).rejects.toThrow('from the view')
      expect(client.g.name).toBe('failed')
    })
  })

  test('is that of the request which has ended last', async () => {
    const client = testClient(bootstrap(App))
    const slow = client.get('/later?name=slow')
    await gate.reached
    await client.get('/?name=fast')
    expect(client.g.name).toBe('fast')
    gate.open()
    await slow
    expect(client.g.name).toBe('slow')
  })

  test('belongs to its client', async () => {
    const app = bootstrap(App)
    const [one, two] = [testClient(app), testClient(app)]
    await one.get('/?name=one')
    await two.get('/?name=two')
    expect([one.g.name, two.g.name]).toEqual(['one', 'two'])
  })

  test('is there after a request only, and only in an application with a lifecycle', async () => {
    const message = 'client.g: no request has been made, or the last one did not reach a lifecycle of flaskoa'
    const outer: Koa.Middleware = (ctx, next) => (ctx.path === '/outside' ? void (ctx.body = 'outside') : next())
    const client = testClient(koaOf(outer, lifecycle(App)))
    expect(() => client.g).toThrow(message)
    await client.get('/')
    expect(client.g.count).toBe(1)
    await client.get('/outside')
    expect(() => client.g).toThrow(message)
  })
})

describe('an https baseUrl', () => {
  class App {
    @Route('/') index(ctx: Context) {
      session.count = (session.count ?? 0) + 1
      return { secure: ctx.secure, protocol: ctx.protocol, href: ctx.href, count: session.count }
    }
    @Route('/elsewhere') elsewhere(ctx: Context) {
      return redirect(`${ctx.secure ? 'http' : 'https'}://app.test/`)
    }
  }
  const app = () => bootstrap(App, { secretKey: 'secret', session: { secure: true }, logger: false })

  test('is https inside, also for the session', async () => {
    const client = testClient(app(), { baseUrl: 'https://app.test' })
    await client.session(session => (session.count = 5))
    expect((await client.get('/')).json()).toEqual({
      secure: true,
      protocol: 'https',
      href: 'https://app.test/',
      count: 6,
    })
    expect((await client.session()).count).toBe(6)
    expect(Array.from(client.cookies, ({ secure }) => secure)).toContain(true)
  })

  test('is https in testRequestContext', async () => {
    const isSecure = (baseUrl: string) => testRequestContext(app(), '/', ctx => ctx.secure, { baseUrl })
    expect([await isSecure('https://app.test'), await isSecure('http://app.test')]).toEqual([true, false])
  })

  test('a whole URL and a redirect decide for their request', async () => {
    const client = testClient(bootstrap(App, { secretKey: 'secret' }))
    const secure = async (url: string) =>
      (await client.get(url, { followRedirects: true })).json<{ secure: boolean }>().secure
    expect([await secure('https://app.test/'), await secure('/')]).toEqual([true, false])
    expect([await secure('http://app.test/elsewhere'), await secure('https://app.test/elsewhere')]).toEqual([
      ...[true, false],
    ])
  })
})
