import { once } from 'node:events'
import type { Server } from 'node:http'
import type Koa from 'koa'
import * as flaskoa from 'flaskoa'
import { ask } from '../support/ask'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { loadOn } from '../support/other-koa'
import { portOf } from '../support/serve'

// What app.listen returns while @OnStart methods run, for both classes of applications.

const other = loadOn(['response.js', '_body', '_content']).flaskoa

describe.each([
  ["the engine's application", flaskoa],
  ["Koa's own", other],
])('%s', (_, { Get, OnStart, bootstrap, gracefulShutdown, OnShutdown }) => {
  /** An application whose start waits at a gate, and what its server emits. */
  function starting(start: () => unknown = () => undefined) {
    const gate = new Gate()
    class App {
      @OnStart() async start() {
        note('start')
        await gate.pass()
        await start()
        note('started')
      }
      @OnShutdown() shutDown() {
        note('shut down')
      }
      @Get('/') index() {
        return 'index'
      }
    }
    const app = bootstrap(App, { logger: false })
    const listen = (...args: unknown[]) => {
      const server = (app.listen as (...args: unknown[]) => Server)(...args)
      for (const name of ['listening', 'close']) server.on(name, () => note(name))
      return server
    }
    return { app, gate, listen }
  }

  const fails = () => {
    throw new Error('refused')
  }

  beforeAll(() => {
    jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  })
  afterAll(() => {
    jest.restoreAllMocks()
  })

  test('a server without @OnStart methods is bound at once', () => {
    class App {
      @Get('/') index() {
        return ''
      }
    }
    const server = bootstrap(App, { logger: false }).listen(0)
    expect(server.listening).toBe(true)
    server.close()
  })

  test('a server binds when the methods have run, and is as one that does not listen until then', async () => {
    const { app, gate, listen } = starting()
    const server = listen(0, '127.0.0.1', () => note('callback'))
    await gate.reached
    await settled()
    expect([server.listening, server.address()]).toEqual([false, null])
    expect([server.ref(), server.unref(), server.ref()]).toEqual([server, server, server])
    expect(log).toEqual(['start'])
    gate.open()
    await once(server, 'listening')
    expect(log.slice(1)).toEqual(['started', 'callback', 'listening'])
    expect(['close', 'ref', 'unref'].filter(name => Object.hasOwn(server, name))).toEqual([])
    expect((await ask(`http://127.0.0.1:${portOf(server)}/`)).text).toBe('index')
    const second = app.listen(0)
    expect(second.listening).toBe(true)
    second.close()
    server.close()
    await once(server, 'close')
  })

  test('two servers bind after one start', async () => {
    const { gate, listen } = starting()
    const servers = [listen(0, '127.0.0.1'), listen(0, '127.0.0.1')]
    const bound = Promise.all(servers.map(server => once(server, 'listening')))
    gate.open()
    await bound
    expect(log).toEqual(['start', 'started', 'listening', 'listening'])
    for (const server of servers) await once(server.close(), 'close')
  })

  test("a failure is the server's error event", async () => {
    const { gate, listen } = starting(fails)
    const server = listen(0, '127.0.0.1')
    gate.open()
    const [error] = (await once(server, 'error')) as [Error]
    expect(error.message).toBe('App.start: @OnStart failed, so the application did not start: refused')
    expect([server.listening, log]).toEqual([false, ['start']])
    const again = listen(0, '127.0.0.1')
    expect(await once(again, 'error')).toEqual([error])
  })

  test('so is what listen itself throws', async () => {
    const { gate, listen } = starting()
    const server = listen(70_000)
    gate.open()
    expect(await once(server, 'error')).toMatchObject([{ code: 'ERR_SOCKET_BAD_PORT' }])
  })

  test('close() before the binding: the server never binds, and the callback gets no error', async () => {
    const { app, gate, listen } = starting()
    const server = listen(0, '127.0.0.1')
    await gate.reached
    const closed = new Promise(resolve => server.close(resolve))
    expect(await closed).toBeUndefined()
    gate.open()
    await app.ready()
    await settled()
    expect([server.listening, log]).toEqual([false, ['start', 'close', 'started']])
    expect(await new Promise(resolve => server.close(resolve))).toMatchObject({ code: 'ERR_SERVER_NOT_RUNNING' })
  })

  test('close() without a callback, in the tick in which the start ends', async () => {
    const { app, gate, listen } = starting()
    const server = listen(0, '127.0.0.1')
    gate.open()
    await app.ready()
    server.close()
    await settled()
    expect([server.listening, log]).toEqual([false, ['start', 'started', 'close']])
  })

  test('a start that fails after close() is an error of the application', async () => {
    const { app, gate, listen } = starting(fails)
    const server = listen(0, '127.0.0.1')
    server.close()
    gate.open()
    expect(await once(app as Koa, 'error')).toMatchObject([{ method: 'App.start' }])
  })

  test('other code may replace close, ref and unref', async () => {
    const { gate, listen } = starting()
    const server = listen(0, '127.0.0.1')
    const { close } = server
    server.close = callback => {
      note('replaced')
      return close.call(server, callback)
    }
    const { close: replaced } = server
    gate.open()
    await once(server, 'listening')
    expect(server.close).toBe(replaced)
    expect(await new Promise(resolve => server.close(resolve))).toBeUndefined()
    expect(log).toEqual(['start', 'started', 'listening', 'replaced', 'close'])
  })

  test('gracefulShutdown before the binding: @OnShutdown methods run after the start has ended', async () => {
    const { gate, listen } = starting()
    const server = listen(0, '127.0.0.1')
    const shutdown = gracefulShutdown(server)
    shutdown.uninstall()
    await gate.reached
    const end = shutdown.close()
    await once(server, 'close')
    await settled()
    expect(log).toEqual(['start', 'close'])
    gate.open()
    await end
    await settled()
    expect([server.listening, log]).toEqual([false, ['start', 'close', 'started', 'shut down']])
  })

  test('gracefulShutdown after a failed start', async () => {
    const { gate, listen } = starting(fails)
    const server = listen(0, '127.0.0.1')
    const shutdown = gracefulShutdown(server)
    shutdown.uninstall()
    gate.open()
    await once(server, 'error')
    await shutdown.close()
    expect(log).toEqual(['start', 'close', 'shut down'])
  })
})
