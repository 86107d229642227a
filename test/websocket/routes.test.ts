import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node'
import { z } from 'zod'
import { Get, bootstrap, session, type BootstrapOptions, type Context } from 'flaskoa'
import { client } from 'flaskoa/client'
import { healthBlueprint } from 'flaskoa/health'
import { openapi } from 'flaskoa/openapi'
import { csrf } from 'flaskoa/security'
import { telemetry } from 'flaskoa/telemetry'
import { ConnectionRefused, testClient } from 'flaskoa/testing'
import { webSocket, webSockets, type WebSocketConnection } from 'flaskoa/websocket'
import { Gate, settled } from '../support/gate'
import { log } from '../support/log'
import { serve } from '../support/serve'
import { AtomicStore, MemoryStore, ObjectStore } from '../support/stores'
import { endedSpans, registerTracing, unregister } from '../support/telemetry'
import { until } from '../support/until'
import { appOf, echo, handshake, raw } from './support'

/** What a route declares of its answers. */
type Answers = z.ZodType | Readonly<Record<number, z.ZodType | string | null>>

/** Sends a message and waits for the same one. */
async function echoes(app: Parameters<typeof testClient>[0], path = '/'): Promise<string> {
  const socket = await testClient(app).webSocket(path)
  socket.send('hello')
  const message = String(await socket.receive())
  await socket.close()
  return message
}

describe('a route that declares its answers', () => {
  const Busy = z.object({ problem: z.string() })
  const declared = (response: Answers) => {
    class App {
      @Get('/', { response }) socket(ctx: Context) {
        if (ctx.query.busy !== undefined) return { problem: ctx.query.busy === '' ? 5 : 'busy', secret: 'x' } as never
        return webSocket(echo)
      }
    }
    return bootstrap(App, { logger: false, extensions: [webSockets()] })
  }

  test.each<[string, Answers]>([
    ['others only', { 409: Busy }],
    ['a 200', Busy],
    ['the 101 in words', { 101: 'opens the chat', 409: Busy }],
    ['the 101 without a body', { 101: null, 200: Busy }],
  ])('opens a web socket: the 101 has no body to check. Declared: %s', async (_, response) => {
    expect(await echoes(declared(response))).toBe('hello')
  })

  test('an ordinary answer of its view is checked', async () => {
    const app = declared({ 101: null, 200: Busy })
    const test = testClient(app, { propagateExceptions: false })
    expect((await test.get('/?busy=1')).json()).toEqual({ problem: 'busy' })
    expect((await test.get('/?busy')).status).toBe(500)
    await expect(test.webSocket('/?busy')).rejects.toThrow(ConnectionRefused)
  })

  test('its document has what is declared, and no 200', () => {
    const { paths } = openapi(declared({ 101: 'opens the chat', 409: Busy }), { info: { title: 'a', version: '1' } })
    expect(paths['/']).toMatchObject({ get: { responses: { 101: { description: 'opens the chat' }, 409: {} } } })
    expect(Object.keys((paths['/'] as { get: { responses: object } }).get.responses)).toEqual(['101', '409'])
  })
})

test('the typed client gets the 426, because fetch opens no web sockets', async () => {
  const socket = Get('/', { response: { 101: 'opens', 426: 'another protocol' } })
  class App {
    @socket open() {
      return webSocket(echo)
    }
  }
  await serve(bootstrap(App, { logger: false, extensions: [webSockets()] }), async url => {
    const { status, body } = await client(url, { socket }).socket()
    expect([status, body]).toEqual([
      426,
      { title: 'Upgrade Required', status: 426, detail: 'This URL is for web sockets' },
    ])
  })
})

test('csrf() and probes of health are beside it', async () => {
  class App {
    @Get('/') socket() {
      return webSocket(echo)
    }
  }
  const extensions = [csrf(), webSockets()]
  const app = bootstrap(App, { logger: false, secretKey: 'k', blueprints: [healthBlueprint()], extensions })
  expect(await echoes(app)).toBe('hello')
  await expect(testClient(app).webSocket('/livez')).rejects.toMatchObject({ response: { status: 200 } })
})

describe('requestTimeout', () => {
  test('is not for the handler', async () => {
    const app = appOf(
      async socket => {
        await sleep(30) // longer than the deadline, which does not hold here
        for await (const message of socket) socket.send(message)
      },
      {},
      { requestTimeout: 10 },
    )
    expect(await echoes(app)).toBe('hello')
    await until('the request has ended', () => log.length === 2)
    expect(log).toEqual(['teardown', '101 1000 whole'])
  })

  test('is for the view', async () => {
    const gate = new Gate()
    const app = appOf(echo, { view: () => gate.pass() }, { requestTimeout: 10 })
    const refusal = testClient(app, { propagateExceptions: false }).webSocket('/')
    await expect(refusal).rejects.toMatchObject({ response: { status: 503 } })
    gate.open()
    await settled()
    expect(log).toHaveLength(2)
  })
})

describe('telemetry', () => {
  beforeEach(registerTracing)
  afterEach(unregister)

  test.each([
    ['closes', undefined, 0],
    ['breaks', undefined, 0],
    ['fails', 'TypeError', 2],
  ])('one span, which lasts as long as the connection, when it %s', async (how, type, code) => {
    const handler = async (socket: WebSocketConnection) => {
      if ((await socket.receive()) === 'fails') throw new TypeError('broken')
    }
    const app = appOf(handler, {}, { middleware: [telemetry()] })
    const socket = await testClient(app, { propagateExceptions: false }).webSocket('/')
    expect(endedSpans()).toEqual([])
    if (how === 'breaks') await socket.terminate()
    else socket.send(how)
    await until('the span has ended', () => endedSpans().length === 1)
    const [{ name, attributes, status }] = endedSpans() as [ReadableSpan]
    expect([name, attributes['http.response.status_code'], attributes['error.type']]).toEqual(['GET /', 101, type])
    expect(status.code).toBe(code)
  })
})

describe('debug: true', () => {
  test('an error of the handler is torn down with the connection', async () => {
    const app = appOf(() => Promise.reject(new Error('broken')), {}, { debug: true })
    const socket = await testClient(app, { propagateExceptions: false }).webSocket('/')
    expect((await socket.ended()).code).toBe(1011)
    await until('the request has ended', () => log.length === 2)
    expect(log).toEqual(['teardown Error', '101 1011 whole broken'])
  })

  test('an error before the handshake is the error page, and its teardown waits for the next request', async () => {
    const view = (ctx: Context) => (ctx.query.broken === undefined ? undefined : Promise.reject(new Error('broken')))
    const app = appOf(echo, { view }, { debug: true })
    const test = testClient(app, { propagateExceptions: false })
    const refusal = test.webSocket('/?broken=1')
    await expect(refusal).rejects.toMatchObject({ response: { status: 500 } })
    await until('the response is out', () => log.length === 1)
    await (await test.webSocket('/')).close()
    await until('both requests have ended', () => log.length === 4)
    expect(log).toEqual(['500 undefined whole broken', 'teardown Error', 'teardown', '101 1000 whole'])
  })
})

describe('the session', () => {
  /** The server's end of the last connection. */
  let seen: Socket | undefined
  class App {
    @Get('/login/<name>') login({ name }: { name: string }, ctx: Context) {
      seen = ctx.req.socket
      session.regenerate()
      session.name = name
      return webSocket(echo)
    }
    @Get('/page') page() {
      return String(session.name)
    }
  }
  const appWith = (options: BootstrapOptions['session']) =>
    bootstrap(App, { logger: false, secretKey: 'k', session: options, extensions: [webSockets()] })

  test.each<[string, () => BootstrapOptions['session']]>([
    ['the cookie', () => undefined],
    ['a store', () => ({ store: new MemoryStore() })],
    ['a store with compareAndSet', () => ({ store: new AtomicStore() })],
    ['a store of objects', () => ({ store: new ObjectStore() })],
  ])('in %s is saved with the 101', async (_, options) => {
    const test = testClient(appWith(options()))
    for (const name of ['one', 'two']) {
      const socket = await test.webSocket(`/login/${name}`)
      expect((await test.get('/page')).text).toBe(name)
      await socket.close()
      expect((await test.get('/page')).text).toBe(name)
    }
  })

  test('the entry under the old key is removed when the 101 is sent, and not when the connection closes', async () => {
    const store = new AtomicStore()
    const test = testClient(appWith({ store }))
    const sockets = [await test.webSocket('/login/one'), await test.webSocket('/login/two')]
    await until('the old entry is removed', () => store.kept.size === 1)
    for (const socket of sockets) await socket.close()
    expect(store.kept.size).toBe(1)
  })

  test('the entry under a key that no client has received is removed', async () => {
    const store = new AtomicStore()
    const app = appWith({ store })
    await serve(app, async url => {
      const client = await raw(url, handshake('/login/one'))
      store.before = async command => {
        if (command !== 'set') return
        client.destroy()
        await until('the server knows', () => seen?.destroyed)
      }
      await until('the entry is removed', () => store.log.includes('destroy') && store.kept.size === 0)
    })
  })
})
