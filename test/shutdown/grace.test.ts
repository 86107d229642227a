import { EventEmitter, once } from 'node:events'
import { createServer, get, type ServerResponse } from 'node:http'
import { connect as connect2, constants, createServer as createServer2, type ClientHttp2Session } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import Koa from 'koa'
import mount from 'koa-mount'
import {
  ErrorHandler,
  Get,
  Post,
  TeardownRequest,
  bootstrap,
  currentApp,
  gracefulShutdown,
  lifecycle,
  streamWithContext,
  type Application,
  type Context,
  type ShutdownOptions,
} from 'flaskoa'
import { ask } from '../support/ask'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { portOf } from '../support/serve'
import { until } from '../support/until'

// What a shutdown does until its grace is over: requests on open connections are answered, and long streams are notified.

/** Longer than any test: what must not wait for the end of the grace does not end in time with it. */
const ENDLESS = 2 ** 31 - 1
/** Shorter than the test's own steps. */
const SHORT = 30

let slowly: Gate
beforeEach(() => {
  slowly = new Gate()
})

class App {
  @Get('/') index() {
    return 'fine'
  }
  @Post('/') post() {
    return 'posted'
  }
  @Post('/part') async part(ctx: Context) {
    await once(ctx.req, 'data')
    return 'posted'
  }
  @Get('/copied') copied(ctx: Context) {
    ctx.set('Connection', 'keep-alive')
    return ctx.path
  }
  @Get('/removed') removed(ctx: Context) {
    ctx.set('Connection', 'keep-alive')
    ctx.remove('Connection')
    return ctx.path
  }
  @Get('/by-hand') byHand(ctx: Context) {
    ctx.respond = false
    ctx.res.writeHead(200, { connection: 'keep-alive', 'Content-Length': 8 })
    ctx.res.end(ctx.path)
    return ctx.response
  }
  @Get('/slow') async slow() {
    await slowly.pass()
    return 'slow'
  }
  @Get('/fails') async fails(): Promise<string> {
    await slowly.pass()
    throw new RangeError()
  }
  @Get('/large') large() {
    return Buffer.alloc(LARGE)
  }
  @Get('/endless') async *endless() {
    yield 'begun'
    await new Promise(() => undefined)
  }
  @ErrorHandler(RangeError) handle() {
    return 'handled'
  }
}
const LARGE = 30_000_000

async function start(options: ShutdownOptions = {}, app: Koa = bootstrap(App, { logger: false })) {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.keepAliveTimeout = 0 // only the shutdown closes idle connections
  const { close, uninstall } = gracefulShutdown(server, { timeout: ENDLESS, ...options })
  uninstall()
  return { server, port: portOf(server), close }
}

/** A client's connection, with what it has received. */
class Client {
  received = ''
  readonly socket: Socket

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1').on('error', () => undefined)
    this.socket.on('data', chunk => (this.received += String(chunk)))
  }

  static async connected(port: number): Promise<Client> {
    const client = new Client(port)
    await once(client.socket, 'connect')
    return client
  }

  send(...paths: string[]): void {
    this.received = ''
    this.socket.write(paths.map(path => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
  }

  async ends(body: string): Promise<void> {
    await until(`the client has received ${body}`, () => this.received.endsWith(body))
  }

  async closed(): Promise<void> {
    await until('the connection is closed', () => this.socket.closed)
  }

  /** Of each response: its body, and whether it says that the connection ends. */
  get responses(): [body: string, isLast: boolean][] {
    return this.received
      .split('HTTP/1.1 200 OK')
      .slice(1)
      .map(response => [response.split('\r\n\r\n')[1] as string, response.includes('\r\nConnection: close\r\n')])
  }
}

describe('HTTP/1', () => {
  test('requests that were sent before the shutdown, on kept connections, are answered', async () => {
    const { port, close } = await start({ grace: ENDLESS })
    const clients = await Promise.all(Array.from({ length: 20 }, () => Client.connected(port)))
    for (const client of clients) client.send('/')
    for (const client of clients) await client.ends('fine')
    for (const client of clients) client.send('/')
    await close()
    for (const client of clients) await client.closed()
    expect(clients.map(({ responses }) => responses)).toEqual(clients.map(() => [['fine', true]]))
  })

  test('idle connections stay open until the grace is over, and are closed then', async () => {
    const { port, close, server } = await start({ grace: 500 })
    const [early, idle] = [await Client.connected(port), await Client.connected(port)]
    for (const client of [early, idle]) client.send('/')
    for (const client of [early, idle]) await client.ends('fine')
    const closing = close()
    expect(server.listening).toBe(false)
    early.send('/')
    await early.closed()
    expect(early.responses).toEqual([['fine', true]])
    expect(idle.socket.closed).toBe(false)
    await closing
    await idle.closed()
  })

  test('without an open connection a shutdown does not wait', async () => {
    const { port, close } = await start({ grace: ENDLESS })
    expect((await ask(`http://127.0.0.1:${port}`)).text).toBe('fine')
    await close()
  })

  test('a connection that never sent a byte is closed after the grace, and may send a request until then', async () => {
    const { port, close } = await start({ grace: 300 })
    const [silent, late] = [await Client.connected(port), await Client.connected(port)]
    const closing = close()
    late.send('/')
    await late.closed()
    expect(late.responses).toEqual([['fine', true]])
    await closing
    await silent.closed()
  })

  test.each(['/copied', '/removed', '/by-hand'])(
    'a response with a field Connection of its own says as well that it is the last: %s',
    async path => {
      const { port, close } = await start({ grace: ENDLESS })
      const client = await Client.connected(port)
      client.send('/')
      await client.ends('fine')
      client.send(path)
      await close()
      await client.closed()
      expect(client.responses).toEqual([[path, true]])
    },
  )

  test('a request that is answered and whose body never came is closed after the grace', async () => {
    const { port, close } = await start({ grace: SHORT })
    const client = await Client.connected(port)
    client.socket.write('POST /part HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nonly')
    await client.ends('posted')
    expect(client.responses).toEqual([['posted', false]])
    await close()
    await client.closed()
  })

  test('pipelined requests are all answered, and the last response ends the connection', async () => {
    const { port, close } = await start({ grace: ENDLESS })
    const client = await Client.connected(port)
    client.send('/')
    await client.ends('fine')
    client.send('/', '/slow', '/')
    slowly.open()
    await close()
    await client.closed()
    expect(client.responses).toEqual([
      ['fine', false],
      ['slow', false],
      ['fine', true],
    ])
  })

  test('a request that comes while an earlier one is in flight takes over the end of the connection', async () => {
    const { port, close } = await start({ grace: ENDLESS })
    const client = await Client.connected(port)
    client.send('/slow')
    await slowly.reached
    const closing = close()
    client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await settled()
    await new Promise(resolve => setTimeout(resolve, 20)) // until the server has read it: nothing shows that
    slowly.open()
    await closing
    await client.closed()
    expect(client.responses).toEqual([
      ['slow', false],
      ['fine', true],
    ])
  })

  test('a pipelined response that was made before the shutdown leaves the connection to its end', async () => {
    const { port, close } = await start({ grace: SHORT })
    const client = await Client.connected(port)
    client.send('/slow', '/')
    await slowly.reached
    await settled()
    const closing = close()
    slowly.open()
    await closing
    await client.closed()
    expect(client.responses).toEqual([
      ['slow', false],
      ['fine', false],
    ])
  })

  test("a request of a client that ends its connection itself, and an error handler's response", async () => {
    const { port, close } = await start({ grace: ENDLESS })
    const [client, failing] = [await Client.connected(port), await Client.connected(port)]
    failing.send('/fails')
    await slowly.reached
    const closing = close()
    client.socket.write('GET / HTTP/1.0\r\n\r\n')
    await client.closed()
    expect(client.received).toContain('fine')
    slowly.open()
    await closing
    await failing.closed()
    expect(failing.responses).toEqual([['handled', true]])
  })

  test('a request that waits for 100 Continue is answered', async () => {
    const app = bootstrap(App, { logger: false })
    const handle = app.callback()
    const server = createServer().listen(0, '127.0.0.1')
    server.on('checkContinue', (req, res: ServerResponse) => {
      res.writeContinue()
      void handle(req, res)
    })
    await once(server, 'listening')
    const { close, uninstall } = gracefulShutdown(server, { app, grace: ENDLESS })
    uninstall()
    const client = await Client.connected(portOf(server))
    const closing = close()
    client.socket.write('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na')
    await closing
    await client.closed()
    expect(client.received).toContain('100 Continue')
    expect(client.responses).toEqual([['posted', true]])
  })

  test('a complete response that a slow client still reads is not cut off', async () => {
    const { port, close } = await start({ grace: SHORT })
    const client = await Client.connected(port)
    client.send('/')
    await client.ends('fine')
    let bytes = 0
    client.socket.removeAllListeners('data').pause()
    client.send('/large')
    await new Promise(resolve => setTimeout(resolve, 100)) // until the socket's buffers are full: nothing shows that
    const closing = close()
    await new Promise(resolve => setTimeout(resolve, 200)) // longer than the grace
    client.socket.on('data', chunk => (bytes += chunk.length)).resume()
    await closing
    await client.closed()
    expect(bytes).toBeGreaterThan(LARGE)
  })

  test('the server may listen and be shut down again', async () => {
    const { server, port, close } = await start()
    await close()
    await once(server.listen(port, '127.0.0.1'), 'listening')
    const { close: closeAgain, uninstall } = gracefulShutdown(server, { grace: ENDLESS })
    uninstall()
    const client = await Client.connected(port)
    client.send('/')
    await client.ends('fine')
    expect(client.responses).toEqual([['fine', false]])
    client.send('/')
    await closeAgain()
    await client.closed()
    expect(client.responses).toEqual([['fine', true]])
  })
})

describe('HTTP/2', () => {
  async function startHttp2(options: ShutdownOptions) {
    const app = bootstrap(App, { logger: false })
    const server = createServer2(app.callback() as never).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { close, uninstall } = gracefulShutdown(server, { app, timeout: ENDLESS, ...options })
    uninstall()
    const session = connect2(`http://127.0.0.1:${portOf(server)}`)
    const told = { goaway: false }
    session.on('goaway', () => (told.goaway = true))
    await once(session, 'connect')
    return { port: portOf(server), close, session, told }
  }
  const answer = (session: ClientHttp2Session, path: string) => text(session.request({ ':path': path }))

  test('requests during the grace are answered, then the session ends, and what is in flight as well', async () => {
    const warnings = jest.spyOn(process, 'emitWarning')
    const { close, session, told } = await startHttp2({ grace: 300 })
    expect(await answer(session, '/')).toBe('fine')
    const slow = answer(session, '/slow')
    await slowly.reached
    const closing = close()
    expect(await answer(session, '/')).toBe('fine')
    expect(told.goaway).toBe(false)
    await until('the session is told', () => told.goaway)
    slowly.open()
    expect(await slow).toBe('slow')
    await closing
    await until('the session is closed', () => session.destroyed)
    expect(warnings).not.toHaveBeenCalled()
    warnings.mockRestore()
  })

  test('a request that is answered and never ends does not hold the shutdown', async () => {
    const { close, session } = await startHttp2({ grace: SHORT })
    const stream = session.request({ ':path': '/part', ':method': 'POST' })
    stream.write('only')
    const [answer] = (await once(stream, 'data')) as [Buffer]
    expect(String(answer)).toBe('posted')
    await close()
    await until('the session is closed', () => session.destroyed)
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR)
  })

  test('a response that the timeout cuts off is a broken transfer', async () => {
    const { close, session } = await startHttp2({ timeout: SHORT })
    const stream = session.request({ ':path': '/endless' })
    const failed = once(stream, 'error')
    await once(stream, 'data')
    await close()
    expect(String(await failed)).toMatch(/NGHTTP2_INTERNAL_ERROR/)
  })

  test('a connection that never sent a byte does not hold the shutdown', async () => {
    const { port, close, session } = await startHttp2({ grace: SHORT })
    const silent = await Client.connected(port)
    await close()
    await silent.closed()
    session.destroy()
  })
})

describe('app.shutdownSignal', () => {
  /** An application with a stream that ends when the shutdown begins. */
  class Streaming {
    @Get('/') index() {
      const signal = currentApp().shutdownSignal as AbortSignal
      return streamWithContext(async function* () {
        yield 'begun, '
        note('waits')
        if (!signal.aborted) await once(signal, 'abort')
        yield 'ended'
      })
    }
    @TeardownRequest teardown(error?: Error) {
      note(`torn down ${error === undefined}`)
    }
  }

  test.each<[string, () => { app: Koa; served: Koa }]>([
    [
      'of bootstrap',
      () => {
        const app = bootstrap(Streaming, { logger: false })
        return { app, served: app }
      },
    ],
    [
      'in a Koa application',
      () => {
        const app = new Koa().use(lifecycle(Streaming))
        return { app, served: app }
      },
    ],
    [
      'mounted in a Koa application',
      () => {
        const app = bootstrap(Streaming, { logger: false })
        return { app, served: new Koa().use(mount('/', app)) }
      },
    ],
  ])('%s lets a long stream end by itself', async (_, make) => {
    const { app, served } = make()
    const server = served.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { close, uninstall } = gracefulShutdown(server, { app, timeout: ENDLESS, grace: SHORT })
    uninstall()
    const { shutdownSignal } = app as Application
    const answers = Array.from({ length: 3 }, () => ask(`http://127.0.0.1:${portOf(server)}/`))
    await until('the streams wait', () => log.filter(each => each === 'waits').length === 3)
    expect(shutdownSignal?.aborted).toBe(false)
    await close()
    expect(shutdownSignal?.aborted).toBe(true)
    expect(shutdownSignal?.reason).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
    expect((await Promise.all(answers)).map(each => each.text)).toEqual(Array(3).fill('begun, ended'))
    expect(log.filter(each => each !== 'waits')).toEqual(Array(3).fill('torn down true'))
  })

  test('is aborted once no new connection is accepted, before requests in flight have ended', async () => {
    const app = bootstrap(App, { logger: false })
    const { server, port, close } = await start({ grace: SHORT }, app)
    const slow = ask(`http://127.0.0.1:${port}/slow`)
    await slowly.reached
    app.shutdownSignal.addEventListener('abort', () => {
      note(`listening: ${server.listening}`)
      slowly.open()
    })
    await close()
    expect((await slow).text).toBe('slow')
    expect(log).toEqual(['listening: false'])
  })

  test('has any number of listeners without a warning', async () => {
    const { shutdownSignal } = bootstrap(App)
    const warnings = jest.spyOn(process, 'emitWarning')
    for (let count = 0; count < 100; count++) shutdownSignal.addEventListener('abort', () => undefined)
    await settled()
    expect(warnings).not.toHaveBeenCalled()
    warnings.mockRestore()
  })

  test('is there in a Koa application from its first request on', async () => {
    const app: Application = new Koa()
    app.use(lifecycle(App))
    expect(app.shutdownSignal).toBeUndefined()
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await ask(`http://127.0.0.1:${portOf(server)}`)
    expect(app.shutdownSignal?.aborted).toBe(false)
    const closed = once(server, 'close')
    server.close()
    await closed
  })

  test('is a new one when the application is served again, and one of its own is kept', async () => {
    const app = bootstrap(App, { logger: false })
    const { close } = await start({}, app)
    await close()
    expect(app.shutdownSignal.aborted).toBe(true)
    const again = await start({}, app)
    expect(app.shutdownSignal.aborted).toBe(false)
    await again.close()
    const own = Object.assign(new Koa(), { shutdownSignal: 'its own' })
    own.use(lifecycle(App))
    const server = own.listen(0, '127.0.0.1')
    gracefulShutdown(server, { app: own }).uninstall()
    expect(own.shutdownSignal).toBe('its own')
    server.close()
  })
})

test('the timeout counts from the start of the shutdown, and ends a grace that is longer', async () => {
  const { port, close } = await start({ timeout: SHORT, grace: ENDLESS })
  const client = await Client.connected(port)
  client.send('/')
  await client.ends('fine')
  await close()
  await client.closed()
})

test('of several calls for one server the longest grace counts', async () => {
  const { server, port, close } = await start({ grace: ENDLESS })
  gracefulShutdown(server, { grace: SHORT }).uninstall()
  const client = await Client.connected(port)
  client.send('/')
  await client.ends('fine')
  const closing = close()
  await new Promise(resolve => setTimeout(resolve, 200)) // longer than the shorter one
  expect(client.socket.closed).toBe(false)
  client.send('/')
  await closing
})

test('a teardown that debug mode defers and that hangs is interrupted after the timeout', async () => {
  const waits = new EventEmitter()
  class Failing {
    @Get('/') index(): string {
      throw new Error('failed')
    }
    @TeardownRequest async teardown(_: unknown, ctx: Context) {
      note('waits')
      await once(waits, 'never', { signal: ctx.signal })
    }
  }
  const app = bootstrap(Failing, { logger: false, debug: true })
  app.on('error', (error: Error) => note(error.message))
  const { port, close } = await start({ timeout: 100 }, app)
  await new Promise(resolve => get({ port, agent: false }, response => response.resume().once('close', resolve)))
  await close()
  expect(log).toEqual(['failed', 'waits', 'The server was shut down before the request had ended'])
})
