import { once } from 'node:events'
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http'
import { connect as connect2, createServer as createServer2 } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import Koa from 'koa'
import {
  AfterResponse,
  Blueprint,
  Get,
  OnShutdown,
  OnStart,
  TeardownRequest,
  bootstrap,
  gracefulShutdown,
  lifecycle,
  streamWithContext,
  type Context,
  type Logger,
  type Outcome,
  type ShutdownOptions,
} from 'flaskoa'
import { ask } from '../support/ask'
import { Gate } from '../support/gate'
import { log, note } from '../support/log'
import { portOf } from '../support/serve'
import { setupError } from '../support/setup-error'
import { until } from '../support/until'

const never = new Promise<never>(() => undefined)
let arrived: () => void
let inView: Promise<void>
/** Where the view of `/slow` waits. */
let slowly: Gate
beforeEach(() => {
  inView = new Promise(resolve => (arrived = resolve))
  slowly = new Gate()
})

class App {
  @Get('/') index() {
    return 'fine'
  }
  @Get('/slow') async slow() {
    arrived()
    await slowly.pass()
    return 'slow'
  }
  @Get('/stuck') stuck(ctx: Context): Promise<string> {
    ctx.signal.addEventListener('abort', () => note(`aborted: ${String(ctx.signal.reason)}`))
    arrived()
    return never
  }
  @Get('/stuck-teardown') stuckTeardown(ctx: Context) {
    ctx.state.stuck = never
    setImmediate(arrived)
    return ''
  }
  @Get('/endless') endless() {
    return streamWithContext(async function* () {
      for (;;) {
        yield 'more\n'
        arrived()
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    })
  }
  @TeardownRequest last(error?: Error) {
    note(`torn down${error ? ` ${error.name}` : ''}`)
  }
  @TeardownRequest first(_: unknown, ctx: Context): unknown {
    return ctx.state.stuck
  }
  @AfterResponse record({ status, aborted }: Outcome) {
    note(`outcome ${status}${aborted ? ', aborted' : ''}`)
  }
  @OnShutdown lastOfAll(signal?: string) {
    note(`shut down by ${signal}`)
  }
  @OnShutdown async before() {
    await Promise.resolve()
    note('shutting down')
  }
}

const SHUT_DOWN = ['shutting down', 'shut down by undefined']

async function start(server: Server, options?: ShutdownOptions) {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${portOf(server)}`
  const { close, uninstall } = gracefulShutdown(server, options)
  uninstall()
  return { url, close }
}

const started = (options?: ShutdownOptions) => start(bootstrap(App, { logger: false }).listen(0, '127.0.0.1'), options)

test('requests in flight end, and no new connection is accepted', async () => {
  const { url, close } = await started()
  const keptAlive = await ask(url, { headers: { connection: 'keep-alive' } })
  expect(keptAlive.text).toBe('fine')
  const slow = ask(`${url}/slow`, { headers: { connection: 'keep-alive' } })
  await inView
  const closing = close()
  await expect(ask(url)).rejects.toThrow('ECONNREFUSED')
  slowly.open()
  expect(await slow).toMatchObject({ text: 'slow', headers: { connection: 'close' } })
  await closing
  expect(log.slice(2)).toEqual(['torn down', 'outcome 200', ...SHUT_DOWN])
})

test('a request on an existing connection is answered, and the connection closed', async () => {
  const { url, close } = await started()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  const slow = ask(`${url}/slow`)
  await inView
  const closing = close()
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  expect(text).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*Connection: close\r\n[^]*fine$/)
  slowly.open()
  await slow
  await closing
})

test('idle connections do not delay shutdown', async () => {
  const { url, close } = await started()
  const agent = new Agent({ keepAlive: true })
  await new Promise((resolve, reject) => {
    request(url, { agent }, response => response.resume().once('end', resolve))
      .once('error', reject)
      .end()
  })
  await close()
  agent.destroy()
  expect(log.slice(-2)).toEqual(SHUT_DOWN)
})

test('a connection that becomes idle during shutdown is closed', async () => {
  class Streaming {
    @Get('/') async *index() {
      yield 'begun, '
      await slowly.pass()
      yield 'ended'
    }
  }
  const server = bootstrap(Streaming, { logger: false }).listen(0, '127.0.0.1')
  server.keepAliveTimeout = 0 // only the shutdown closes it
  const { url, close } = await start(server, { timeout: 2 ** 31 - 1 })
  const agent = new Agent({ keepAlive: true })
  const asking = request(url, { agent }).end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  const closing = close()
  slowly.open()
  expect([response.headers.connection, await text(response)]).toEqual(['keep-alive', 'begun, ended'])
  await closing
  agent.destroy()
})

test('a request that has not ended at the timeout gets a 503 and is torn down', async () => {
  const { url, close } = await started({ timeout: 20 })
  const stuck = ask(`${url}/stuck`)
  await inView
  const closing = close()
  expect((await stuck).status).toBe(503)
  await closing
  expect(log).toEqual([
    'aborted: ServiceUnavailableError: The server was shut down before the request had ended',
    'torn down',
    'outcome 503',
    ...SHUT_DOWN,
  ])
})

test('a teardown method that never settles delays neither the others nor the server for ever', async () => {
  const { url, close } = await started({ timeout: 20 })
  const stuck = ask(`${url}/stuck-teardown`).catch(() => undefined)
  await inView
  await close()
  await stuck
  expect(log).toEqual(['torn down', 'outcome 200', ...SHUT_DOWN])
})

test('a stream that does not end is aborted, and its request torn down with the error', async () => {
  const { url, close } = await started({ timeout: 20 })
  const endless = ask(`${url}/endless`)
  await inView
  const closing = close()
  await expect(endless).rejects.toThrow('aborted')
  await closing
  expect(log).toEqual(['torn down ServiceUnavailableError', 'outcome 200, aborted', ...SHUT_DOWN])
})

test('a server that is passed twice is closed once', async () => {
  const server = bootstrap(App, { logger: false }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const [first, second] = [gracefulShutdown(server), gracefulShutdown(server, { timeout: 20 })]
  first.uninstall()
  second.uninstall()
  await Promise.all([first.close(), second.close()])
  expect(log).toEqual(SHUT_DOWN)
})

test('close() twice shuts down once', async () => {
  const { close } = await started()
  await Promise.all([close(), close()])
  await close()
  expect(log).toEqual(SHUT_DOWN)
})

test('in a plain Koa application, an error in a shutdown method is emitted, and the other methods still run', async () => {
  @Blueprint('/b')
  class B {
    @Get('/') index() {
      return ''
    }
    @OnShutdown close() {
      throw new Error('could not close')
    }
  }
  const app = new Koa().use(lifecycle(App, { blueprints: [B] }))
  app.silent = true
  app.on('error', (error: Error) => note(error.message))
  const { url, close } = await start(createServer(app.callback() as never), { app })
  expect((await ask(url)).text).toBe('fine')
  await close()
  expect(log).toEqual(['torn down', 'outcome 200', 'could not close', ...SHUT_DOWN])
})

test('gracefulShutdown may be called after the first request', async () => {
  const server = bootstrap(App, { logger: false }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await ask(`http://127.0.0.1:${portOf(server)}`)
  const { url, close } = await start(server, { timeout: 20 })
  const stuck = ask(`${url}/stuck`)
  await inView
  await close()
  expect((await stuck).status).toBe(503)
  expect(log.slice(-4)).toEqual(['torn down', 'outcome 503', ...SHUT_DOWN])
})

test('HTTP/2: requests in flight end, and sessions are closed', async () => {
  const app = bootstrap(App, { logger: false })
  const server = createServer2(app.callback() as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server, { app, timeout: 1000 })
  uninstall()
  const session = connect2(`http://127.0.0.1:${portOf(server)}`)
  const stream = session.request({ ':path': '/slow' })
  await inView
  const closing = close()
  slowly.open()
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  expect(text).toBe('slow')
  await closing
  expect(log).toEqual(['torn down', 'outcome 200', ...SHUT_DOWN])
})

test('HTTP/2: a session whose stream goes on is destroyed', async () => {
  const app = bootstrap(App, { logger: false })
  const server = createServer2(app.callback() as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server, { app, timeout: 20 })
  uninstall()
  const session = connect2(`http://127.0.0.1:${portOf(server)}`).on('error', () => undefined)
  const stream = session.request({ ':path': '/endless' }).on('error', () => undefined)
  stream.resume()
  await inView
  await close()
  expect(log).toEqual(['torn down ServiceUnavailableError', 'outcome 200, aborted', ...SHUT_DOWN])
})

/** Replaces `process.exit` by a function that records the code. The process has only the listeners that `act` adds. */
async function withoutExit(event: string, act: (exited: Promise<number>) => Promise<void>) {
  let said: (code: number) => void = () => {}
  const exited = new Promise<number>(resolve => (said = resolve))
  const exit = jest.spyOn(process, 'exit').mockImplementation(((code: number) => said(code)) as never)
  const others = new Map(process.eventNames().map(name => [name, process.rawListeners(name as string)]))
  process.removeAllListeners(event)
  try {
    await act(exited)
  } finally {
    for (const name of process.eventNames()) {
      if (name !== event && process.rawListeners(name).length === others.get(name)?.length) continue
      process.removeAllListeners(name)
    }
    for (const [name, listeners] of others) {
      if (process.listenerCount(name) > 0) continue
      for (const each of listeners) process.on(name, each as () => void)
    }
    exit.mockRestore()
  }
}

test.each([
  ['SIGTERM', 0, ['shutting down', 'shut down by SIGTERM']],
  ['uncaughtException', 1, ['uncaught', ...SHUT_DOWN]],
] as const)('%s ends the process', async (event, code, expected) => {
  await withoutExit(event, async exited => {
    const app = bootstrap(App, { logger: false })
    app.on('error', (error: Error) => note(error.message))
    const { uninstall } = gracefulShutdown(app.listen(0, '127.0.0.1'), { logger: false })
    process.emit(event as 'uncaughtException', event === 'SIGTERM' ? (event as never) : new Error('uncaught'))
    expect(await exited).toBe(code)
    uninstall()
  })
  expect(log).toEqual(expected)
})

test('a second signal, later than an echo, ends the process at once', async () => {
  await withoutExit('SIGTERM', async exited => {
    const server = bootstrap(App, { logger: false }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { close, uninstall } = gracefulShutdown(server, { logger: false, timeout: 20 })
    const stuck = ask(`http://127.0.0.1:${portOf(server)}/stuck`).catch(() => undefined)
    await inView
    const now = performance.now()
    const clock = jest.spyOn(performance, 'now').mockReturnValue(now)
    process.emit('SIGTERM')
    process.emit('SIGTERM')
    clock.mockReturnValue(now + 1001)
    process.emit('SIGTERM')
    clock.mockRestore()
    expect(await exited).toBe(1)
    uninstall()
    await close()
    await stuck
    await new Promise(resolve => setImmediate(resolve))
  })
})

test.each([
  ['throws', 'Failing.broken failed: see the error event'],
  ['never ends', 'Shutdown timed out waiting for Failing.broken; exiting.'],
  ['never ends, without a log', ''],
  ['never starts', 'Shutdown timed out waiting for Failing.start; exiting.'],
])('a method that %s is named, and the process has failed', async (how, message) => {
  let runs = false
  class Failing {
    @OnStart start(): Promise<unknown> | undefined {
      if (how !== 'never starts') return undefined
      runs = true
      return never
    }
    @Get('/') index() {
      return ''
    }
    @OnShutdown broken(): unknown {
      runs = true
      if (how === 'throws') throw new Error('broken')
      return never
    }
  }
  const logger = { error: (_: unknown, message: string) => note(message) }
  const timers = jest.spyOn(global, 'setTimeout')
  await withoutExit('SIGTERM', async exited => {
    const app = bootstrap(Failing, { logger: false })
    const { uninstall } = gracefulShutdown(app.listen(0, '127.0.0.1'), {
      logger: message === '' ? false : logger,
      timeout: 20,
    })
    process.emit('SIGTERM')
    await until('the method runs', () => runs)
    const last = timers.mock.calls.find(([, delay]) => delay === 10_020)
    if (how !== 'throws') (last?.[0] as () => void)()
    for (const each of timers.mock.results) if (how !== 'throws') clearTimeout(each.value as NodeJS.Timeout)
    expect(await exited).toBe(1)
    uninstall()
  })
  timers.mockRestore()
  expect(log).toEqual(message === '' ? [] : [message])
})

describe('the log of an application that an uncaught error ends', () => {
  const uncaught = new Error('uncaught', { cause: new RangeError('inside') })
  const second = new AggregateError([new Error('one')], 'second')

  class Failing {
    @Get('/') index() {
      return ''
    }
    @OnShutdown broken() {
      // While the process is shut down, so that it exits at once.
      process.emit('uncaughtException', second)
      throw new Error('broken')
    }
  }

  /** Has an uncaught error end the process: what the console got. */
  async function crash(appLogger: Logger | false | undefined, options: ShutdownOptions = {}) {
    const spy = jest.spyOn(console, 'error').mockImplementation()
    await withoutExit('uncaughtException', async exited => {
      const app = bootstrap(Failing, { logger: appLogger })
      const { uninstall } = gracefulShutdown(app.listen(0, '127.0.0.1'), options)
      process.emit('uncaughtException', uncaught)
      expect(await exited).toBe(1)
      await new Promise(resolve => setImmediate(resolve))
      uninstall()
    })
    const written = spy.mock.calls
    spy.mockRestore()
    return written
  }

  test('has the errors themselves', async () => {
    const entries: unknown[] = []
    const logger: Logger = { error: ({ err }, message) => entries.push(note(message, err)) }
    expect(await crash(logger)).toEqual([])
    const failed = 'Failing.broken failed: see the error event'
    expect(log).toEqual(['Exception: uncaught', 'second error, exiting', 'second', 'Exception: broken', failed])
    expect([entries[0] === uncaught, entries[1], entries[2] === second]).toEqual([true, undefined, true])
  })

  test('is the console for what a logger whose promise rejects has not written', async () => {
    const failed = new Error('logger')
    const error = (): unknown => Promise.reject(failed)
    const written = await crash({ error })
    expect(written.slice(0, 2).map(([message, both]) => [message, (both as AggregateError).errors])).toEqual([
      ['The logger failed: logger, while it handled: uncaught', [failed, uncaught]],
      ['The logger failed: logger', [failed]],
    ])
    expect(written).toHaveLength(5)
  })

  test('is silent with logger: false', async () => {
    expect(await crash(false)).toEqual([])
  })

  test('is that of gracefulShutdown for its own lines', async () => {
    const logger: Logger = { error: (_, message) => note(message) }
    expect(await crash(logger, { logger: false })).toEqual([])
    expect(log).toEqual(['Exception: uncaught', 'Exception: broken'])
  })

  test('is the console by default', async () => {
    const written = await crash(undefined)
    expect(written.slice(0, 3)).toEqual([
      ['Exception: uncaught', uncaught],
      ['second error, exiting'],
      ['second', second],
    ])
    expect(written).toHaveLength(5)
  })
})

test.each([
  ['one server', 0],
  ['two servers of one application', 1],
])('taking one of two installations back leaves the other working: %s', async (_, second) => {
  await withoutExit('SIGTERM', async exited => {
    const app = bootstrap(App, { logger: false })
    const servers = [app.listen(0, '127.0.0.1'), app.listen(0, '127.0.0.1')] as const
    await Promise.all(servers.map(async server => server.listening || once(server, 'listening')))
    const removed = gracefulShutdown(servers[0], { logger: false })
    const kept = gracefulShutdown(servers[second as 0 | 1], { logger: false })
    removed.uninstall()
    removed.uninstall()
    const slow = ask(`http://127.0.0.1:${portOf(servers[second as 0 | 1])}/slow`)
    await inView
    process.emit('SIGTERM', 'SIGTERM')
    slowly.open()
    expect((await slow).text).toBe('slow')
    expect(await exited).toBe(0)
    kept.uninstall()
    for (const server of servers) server.close()
  })
  expect(log).toEqual(['torn down', 'outcome 200', 'shutting down', 'shut down by SIGTERM'])
})

test('at the end of the delay, the steps of all applications that are not done are named', async () => {
  const controllers = ['one', 'two', 'done'].map(name => {
    class Stuck {
      @Get('/') index() {
        return ''
      }
      @OnShutdown close(): unknown {
        note(name)
        return name === 'done' ? undefined : never
      }
    }
    Object.defineProperty(Stuck, 'name', { value: name })
    return Stuck
  })
  const errors: unknown[] = []
  const timers = jest.spyOn(global, 'setTimeout')
  await withoutExit('SIGTERM', async exited => {
    const shutdowns = [...controllers, App].map(controller => {
      const server = bootstrap(controller, { logger: false }).listen(0, '127.0.0.1')
      return {
        server,
        ...gracefulShutdown(server, { logger: { error: (_, message) => errors.push(message) }, timeout: 20_000 }),
      }
    })
    const busy = shutdowns[3] as (typeof shutdowns)[number]
    await until('the servers listen', () => shutdowns.every(({ server }) => server.listening))
    const slow = ask(`http://127.0.0.1:${portOf(busy.server)}/slow`)
    await inView
    process.emit('SIGTERM')
    await until('the methods run', () => ['one', 'two', 'done'].every(each => log.includes(each)))
    await new Promise(resolve => setImmediate(resolve))
    const last = timers.mock.calls.find(([, delay]) => delay === 30_000)
    ;(last?.[0] as () => void)()
    expect(await exited).toBe(1)
    slowly.open()
    expect((await slow).text).toBe('slow')
    for (const { uninstall } of shutdowns) uninstall()
  })
  for (const each of timers.mock.results) clearTimeout(each.value as NodeJS.Timeout)
  timers.mockRestore()
  expect(errors).toEqual(['Shutdown timed out waiting for one.close, two.close, a request; exiting.'])
})

class Plain {
  @Get('/') async *endless() {
    for (;;) {
      yield 'more\n'
      arrived()
      await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
  @OnShutdown last() {
    note('shut down')
  }
}

test('a response that does not end is cut off', async () => {
  const { url, close } = await start(bootstrap(Plain, { logger: false }).listen(0, '127.0.0.1'), { timeout: 20 })
  const endless = ask(url)
  await inView
  const closing = close()
  await expect(endless).rejects.toThrow('aborted')
  await closing
  expect(log).toEqual(['shut down'])
})

test('HTTP/2: a response that does not end is cut off', async () => {
  const app = bootstrap(Plain, { logger: false })
  const server = createServer2(app.callback() as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server, { app, timeout: 20 })
  uninstall()
  const session = connect2(`http://127.0.0.1:${portOf(server)}`).on('error', () => undefined)
  session
    .request({ ':path': '/' })
    .on('error', () => undefined)
    .resume()
  await inView
  await close()
  expect(log).toEqual(['shut down'])
})

describe('mistakes', () => {
  test('a server whose application is unknown', () => {
    expect(() => gracefulShutdown(createServer())).toThrow(
      'gracefulShutdown(an object of class Server) does not know its application: pass what app.listen(...) returned, or pass ' +
        'the application: gracefulShutdown(server, { app })',
    )
  })

  test('an application without a lifecycle', () => {
    expect(() => gracefulShutdown(createServer(), { app: new Koa() })).toThrow(
      'gracefulShutdown needs an application from',
    )
  })

  test.each([
    [{ timeout: 0 }, 'the option timeout must be a whole number of milliseconds'],
    [{ grace: 0 }, 'the option grace must be a whole number of milliseconds'],
    [
      { timeOut: 5 },
      "gracefulShutdown has no option 'timeOut'. Did you mean 'timeout'? It has: timeout, grace, delay, app, logger.",
    ],
  ])('%p', (options, message) => {
    expect(setupError(() => gracefulShutdown(createServer(), options as ShutdownOptions))).toContain(message)
  })
})
