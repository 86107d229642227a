import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import Koa from 'koa'
import mount from 'koa-mount'
import {
  AfterResponse,
  OnShutdown,
  Get,
  Post,
  TeardownRequest,
  bootstrap,
  gracefulShutdown,
  lifecycle,
  type Outcome,
} from 'flaskoa'
import { ask } from '../support/ask'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { koaOf } from '../support/worlds'
import { portOf } from '../support/serve'
import { until } from '../support/until'

// Shutdown where connections, servers and debug mode make it hard.

const tick = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

test('an upgraded connection, which the server no longer tracks, does not delay shutdown', async () => {
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
      await once(a, 'close')
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

test('mounted applications are shut down one by one', async () => {
  const slowly = new Gate()
  const application = (name: string) => {
    class App {
      @Get('/slow') async slow() {
        arrived()
        await slowly.pass()
        return name
      }
      @TeardownRequest async teardown() {
        await settled()
        note(`${name} is torn down`)
      }
      @OnShutdown s() {
        note(`${name} is shut down`)
      }
    }
    return bootstrap(App, { logger: false })
  }
  let arrived = () => {}
  const inView = new Promise<void>(r => (arrived = r))
  const [one, other] = [application('one'), application('other')]
  const server = new Koa().use(mount('/one', one)).use(mount('/other', other)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const shutdowns = [one, other].map(app => gracefulShutdown(server, { app }))
  for (const { uninstall } of shutdowns) uninstall()
  const slow = ask(`http://127.0.0.1:${portOf(server)}/one/slow`)
  await inView
  const closing = Promise.all(shutdowns.map(({ close }) => close()))
  await settled()
  slowly.open()
  await closing
  expect((await slow).text).toBe('one')
  expect(log[0]).toBe('one is torn down')
  expect([...log].sort()).toEqual(['one is shut down', 'one is torn down', 'other is shut down'])
})

test('a teardown that debug mode defers and @AfterResponse methods have a deadline each', async () => {
  const never = new Promise<never>(() => undefined)
  class App {
    @Get('/') index() {
      return 'fine'
    }
    @Get('/fail') fail(): never {
      throw new Error('failed')
    }
    @TeardownRequest teardown(error?: Error) {
      if (error !== undefined) return never
    }
    @AfterResponse async record({ error }: Outcome) {
      note('after response')
      if (error !== undefined) await never
    }
    @OnShutdown s() {
      note('shut down')
    }
  }
  const app = bootstrap(App, { logger: false, debug: true, requestTimeout: 100 })
  app.silent = true
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server)
  uninstall()
  const url = `http://127.0.0.1:${portOf(server)}`
  expect((await ask(`${url}/fail`)).status).toBe(500)
  expect((await ask(url)).text).toBe('fine')
  await close()
  expect(log).toEqual(['after response', 'after response', 'shut down'])
})

test('a request that waits for 100 Continue counts as in flight', async () => {
  class App {
    @Post('/') stuck(): Promise<string> {
      note('asked')
      return new Promise(() => undefined)
    }
    @TeardownRequest teardown() {
      note('torn down')
    }
    @OnShutdown s() {
      note('shut down')
    }
  }
  const app = bootstrap(App, { logger: false })
  const handle = app.callback()
  const server = createServer().listen(0, '127.0.0.1')
  server.on('checkContinue', (req, res: ServerResponse) => {
    res.writeContinue()
    void handle(req, res)
  })
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server, { app, timeout: 20 })
  uninstall()
  const answer = ask(`http://127.0.0.1:${portOf(server)}/`, {
    method: 'POST',
    headers: { expect: '100-continue' },
    body: 'a',
  })
  await until('the request has arrived', () => log.length > 0)
  await close()
  expect((await answer).status).toBe(503)
  expect(log).toEqual(['asked', 'torn down', 'shut down'])
})

test('an error listener that throws does not stop shutdown methods', async () => {
  class App {
    @OnShutdown last() {
      note('last')
    }
    @OnShutdown first() {
      throw new Error('first')
    }
  }
  const app = bootstrap(App, { logger: false }).on('error', () => {
    throw new Error('the listener')
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server)
  uninstall()
  const written = jest.spyOn(console, 'error').mockImplementation(() => undefined)
  await close()
  written.mockRestore()
  expect(log).toEqual(['last'])
})

test('each request that is aborted gets its own error', async () => {
  const errors: unknown[] = []
  class App {
    @Get('/') stuck(): Promise<string> {
      if (++arrived === 2) bothArrived()
      return new Promise(() => undefined)
    }
  }
  let arrived = 0
  let bothArrived = () => {}
  const inViews = new Promise<void>(r => (bothArrived = r))
  const app = bootstrap(App, { logger: false }).on('error', error => errors.push(error))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server, { timeout: 1 })
  uninstall()
  const url = `http://127.0.0.1:${portOf(server)}`
  const answers = [ask(url), ask(url)]
  await inViews
  await close()
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([503, 503])
  expect(errors.map(error => (error as { code?: string }).code)).toEqual(['SERVER_SHUTDOWN', 'SERVER_SHUTDOWN'])
  expect(errors[0]).not.toBe(errors[1])
})

test('a teardown that debug mode defers runs before shutdown methods', async () => {
  class App {
    @Get('/') i(): string {
      throw new Error('x')
    }
    @TeardownRequest async td() {
      await settled()
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
  await tick(5) // shows that nothing follows
  expect(log).toEqual(['torn down', 'shut down'])
})

test('the same on a server that flaskoa did not create', async () => {
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
  await tick(5) // shows that nothing follows
  expect(log).toEqual(['torn down', 'shut down'])
})

test('a request that is pipelined behind one in flight ends, too', async () => {
  const slowly = new Gate()
  class App {
    @Get('/slow') async slow() {
      arrived()
      await slowly.pass()
      return 'slow!'
    }
    @Get('/fast') async fast() {
      await settled()
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
  slowly.open()
  let text = ''
  for await (const chunk of s) text += String(chunk)
  await c
  expect(text).toContain('slow!')
  expect(text).toContain('fast!')
})
