import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { OnShutdown, Get, TeardownRequest, bootstrap, gracefulShutdown, lifecycle } from 'flaskoa'
import { ask } from './support/ask'
import { log, note } from './support/noting'
import { koaOf } from './support/worlds'
import { portOf } from './support/serve'

// Shutdown where connections, servers and debug mode make it hard.

const tick = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

test('a connection that was upgraded, of which the server no longer knows', async () => {
  class App {
    @Get('/') i() {
      return ''
    }
    @OnShutdown s() {
      note('shut down')
    }
  }
  const server = bootstrap(App, { logger: false }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  server.on('upgrade', (_req, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  })
  const { close, uninstall } = gracefulShutdown(server, { timeout: 20 })
  uninstall()
  const s = connect(portOf(server), '127.0.0.1')
  s.write('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  await once(s, 'data')
  await close()
  s.destroy()
  expect(log).toEqual(['shut down'])
})

test('two servers of one application', async () => {
  class App {
    @Get('/slow') async slow() {
      arrived()
      await tick(150)
      note('view ends')
      return 'slow'
    }
    @OnShutdown s() {
      note('shut down')
    }
  }
  let arrived = () => {}
  const inView = new Promise<void>(r => (arrived = r))
  const app = bootstrap(App, { logger: false })
  const a = app.listen(0, '127.0.0.1'),
    b = app.listen(0, '127.0.0.1')
  await once(b, 'listening')
  const [A, B] = [gracefulShutdown(a), gracefulShutdown(b)]
  A.uninstall()
  B.uninstall()
  const slow = ask(`http://127.0.0.1:${portOf(b)}/slow`)
  await inView
  await Promise.all([A.close(), B.close()])
  expect((await slow).text).toBe('slow')
  expect(log).toEqual(['view ends', 'shut down'])
})

test('a teardown that debug mode keeps back comes before shutdown methods', async () => {
  class App {
    @Get('/') i(): string {
      throw new Error('x')
    }
    @TeardownRequest async td() {
      await tick(20)
      note('torn down')
    }
    @OnShutdown s() {
      note('shut down')
    }
  }
  const server = bootstrap(App, { logger: false, debug: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server)
  uninstall()
  await ask(`http://127.0.0.1:${portOf(server)}`)
  await close()
  await tick(50)
  expect(log).toEqual(['torn down', 'shut down'])
})

test('the same behind a server of somebody else', async () => {
  class App {
    @Get('/') i(): string {
      throw new Error('x')
    }
    @TeardownRequest td() {
      note('torn down')
    }
    @OnShutdown s() {
      note('shut down')
    }
  }
  const app = koaOf(lifecycle(App, { debug: true }))
  const server = createServer(app.callback() as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server, { app })
  uninstall()
  await ask(`http://127.0.0.1:${portOf(server)}`)
  await close()
  await tick(50)
  expect(log).toEqual(['torn down', 'shut down'])
})

test('a request that is pipelined behind one in flight ends, too', async () => {
  class App {
    @Get('/slow') async slow() {
      arrived()
      await tick(100)
      return 'slow!'
    }
    @Get('/fast') async fast() {
      await tick(20)
      return 'fast!'
    }
  }
  let arrived = () => {}
  const inView = new Promise<void>(r => (arrived = r))
  const server = bootstrap(App, { logger: false }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const g = gracefulShutdown(server)
  g.uninstall()
  const s = connect(portOf(server), '127.0.0.1')
  s.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /fast HTTP/1.1\r\nHost: a\r\n\r\n')
  await inView
  const c = g.close()
  let text = ''
  for await (const chunk of s) text += String(chunk)
  await c
  expect(text).toContain('slow!')
  expect(text).toContain('fast!')
})
