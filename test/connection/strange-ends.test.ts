import { once } from 'node:events'
import { connect as connect2, createServer as createServer2 } from 'node:http2'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  AfterResponse,
  BeforeRequest,
  ErrorHandler,
  Get,
  Post,
  TeardownRequest,
  bootstrap,
  lifecycle,
  makeResponse,
  streamWithContext,
  type Context,
  type HttpError,
  type Outcome,
} from 'flaskoa'
import { testRequestContext } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { settled } from '../support/gate'
import { log, note } from '../support/log'
import { portOf, serve } from '../support/serve'
import { until } from '../support/until'
import { koaOf } from '../support/worlds'

// Ends of requests that need two lifecycles, a strange promise, or a generator that does not end.

const never = new Promise<never>(() => undefined)
const tick = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))
const noted = (count: number) => until(`${count} things are noted`, () => log.length >= count)

test('two lifecycles get the same bytesSent for their one response', async () => {
  const seen: [string, number, boolean][] = []
  class Outer {
    @AfterResponse record(o: Outcome) {
      seen.push(['outer', o.bytesSent, o.handled])
    }
  }
  class Inner {
    @Get('/') index() {
      return 'fine'
    }
    @AfterResponse record(o: Outcome) {
      seen.push(['inner', o.bytesSent, o.handled])
    }
  }
  await serve(koaOf(lifecycle(Outer), lifecycle(Inner)), async url => {
    await ask(url)
    await until('both lifecycles have their outcome', () => seen.length === 2)
  })
  expect(seen[0]?.[1]).toBeGreaterThan(0)
  expect(seen[0]?.[1]).toBe(seen[1]?.[1])
})

test('middleware may give each request a signal of its own', async () => {
  class App {
    @Get('/') i() {
      return ''
    }
  }
  const app = koaOf((ctx, next) => {
    ctx.signal = new AbortController().signal
    return next()
  }, lifecycle(App))
  await serve(app, async url => {
    expect((await ask(url)).status).toBe(200)
    expect((await ask(url)).status).toBe(200)
  })
})

test('testRequestContext runs no @AfterResponse', async () => {
  class App {
    @Get('/') i() {
      return ''
    }
    @AfterResponse a() {
      note('after response')
    }
  }
  await testRequestContext(bootstrap(App), '/', () => 1)
  await tick(5) // shows that it does not run
  expect(log).toEqual([])
})

test('a promise whose own then() throws is still awaited', async () => {
  class App {
    @Get('/') i() {
      const p = Promise.resolve('x')
      p.then = () => {
        throw new Error('then')
      }
      return p
    }
    @Get('/b') async b() {
      await Promise.resolve()
      return ''
    }
    @BeforeRequest async before() {
      await Promise.resolve()
    }
    @TeardownRequest td() {
      note('torn')
    }
  }
  await serve(bootstrap(App, { logger: false }), async url => {
    expect((await ask(url)).text).toBe('x')
  })
  expect(log).toEqual(['torn'])
})

test('a promise whose own then() calls back twice is awaited once', async () => {
  class App {
    @BeforeRequest b(): Promise<void> {
      const p = Promise.resolve()
      p.then = ((ok: (v: unknown) => void) => {
        ok(undefined)
        ok(undefined)
      }) as never
      return p
    }
    @Get('/') async i() {
      await settled()
      return 'right'
    }
  }
  await serve(bootstrap(App, { logger: false }), async url => {
    expect((await ask(url)).text).toBe('right')
  })
})

test('a lifecycle inside of another that meets its deadline is torn down', async () => {
  class Outer {
    @TeardownRequest td() {
      note('outer torn')
    }
  }
  class Inner {
    @Get('/') i() {
      return never
    }
    @TeardownRequest td() {
      note('inner torn')
    }
  }
  await serve(koaOf(lifecycle(Outer, { requestTimeout: 30 }), lifecycle(Inner)), async url => {
    expect((await ask(url)).status).toBe(503)
    await noted(2)
  })
  expect(log).toEqual(['inner torn', 'outer torn'])
})

test('a generator with a finally that never ends does not keep its request open', async () => {
  class App {
    @Get('/') i() {
      return streamWithContext(async function* () {
        try {
          for (;;) {
            yield 'x'.repeat(100000)
          }
        } finally {
          await never
        }
      })
    }
    @TeardownRequest td() {
      note('torn')
    }
    @AfterResponse a() {
      note('after response')
    }
  }
  await serve(bootstrap(App, { logger: false }), async url => {
    const s = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    s.write(`GET / HTTP/1.1\r\nHost: a\r\n\r\n`)
    await once(s, 'data')
    s.pause()
    s.destroy()
    await noted(2)
  })
  expect(log).toEqual(['torn', 'after response'])
})

test.each(['/broken', '/endless'])('HTTP/2: the outcome of a stream: %s', async path => {
  const outcomes: Outcome[] = []
  class App {
    @Get('/broken') async *broken() {
      yield 'some'
      await tick(5)
      throw new Error('broken off')
    }
    @Get('/endless') async *endless() {
      for (;;) {
        yield 'x'
        await tick(5)
      }
    }
    @AfterResponse record(o: Outcome) {
      outcomes.push(o)
    }
  }
  const server = createServer2(bootstrap(App, { logger: false }).callback() as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect2(`http://127.0.0.1:${portOf(server)}`).on('error', () => undefined)
  const s = session.request({ ':path': path }).on('error', () => undefined)
  s.resume()
  if (path === '/endless') {
    await once(s, 'data')
    s.close(8)
  }
  await new Promise<void>(r => s.once('close', () => r()))
  await until('@AfterResponse has run', () => outcomes.length > 0)
  session.destroy()
  server.close()
  if (path === '/broken') expect(outcomes[0]).toMatchObject({ handled: false, error: { message: 'broken off' } })
  else expect(outcomes[0]).toMatchObject({ handled: true, aborted: true, error: undefined })
})

test('two lifecycles report a deadline once; the inner lifecycle, which had ended, reports no error', async () => {
  const reported: Error[] = []
  const outcomes: Outcome[] = []
  class Outer {
    @TeardownRequest teardown() {
      return never
    }
  }
  class Inner {
    @Get('/') index() {
      return 'fine'
    }
    @Get('/stuck') stuck(): Promise<string> {
      return never
    }
    @AfterResponse record(outcome: Outcome) {
      outcomes.push(outcome)
    }
  }
  const app = koaOf(lifecycle(Outer, { requestTimeout: 30 }), lifecycle(Inner)).on('error', error =>
    reported.push(error),
  )
  await serve(app, async url => {
    expect((await ask(url)).text).toBe('fine')
    await until('@AfterResponse has run', () => outcomes.length === 1)
    expect(outcomes[0]).toMatchObject({ error: undefined, handled: true })
    expect(reported).toHaveLength(1)
    expect((await ask(`${url}/stuck`)).status).toBe(503)
    await until('@AfterResponse has run again', () => outcomes.length === 2)
  })
  expect(new Set(reported).size).toBe(reported.length)
})

test('an error that a listener throws before the session is opened is reported alone', async () => {
  class App {
    @Get('/') index() {
      return 'fine'
    }
    @ErrorHandler(500) handle(error: HttpError) {
      return makeResponse((error.cause as Error).message, 500)
    }
  }
  const app = bootstrap(App, { logger: false, secretKey: 'secret' })
  app.on('appContextPushed', () => {
    throw new Error('the listener')
  })
  app.on('error', (error: Error) => note(error.message))
  await serve(app, async url => {
    expect(await ask(url)).toMatchObject({ status: 500, text: 'the listener' })
  })
  expect(log).toEqual(['the listener'])
})

test('the signal is aborted before @AfterResponse runs with aborted: true', async () => {
  class App {
    @Post('/') echo(ctx: Context) {
      return streamWithContext(ctx.req)
    }
    @AfterResponse record({ aborted }: Outcome, ctx: Context) {
      note(`${aborted} ${ctx.signal.aborted}`)
    }
  }
  await serve(bootstrap(App, { logger: false }), async url => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc')
    await once(socket, 'data')
    socket.resetAndDestroy()
    await noted(1)
  })
  expect(log).toEqual(['true true'])
})

test('a client that disconnects while it sends its body causes no application error', async () => {
  class App {
    @Post('/') async read(ctx: Context) {
      note('reads')
      return text(ctx.req)
    }
    @AfterResponse record({ aborted }: Outcome) {
      note(`aborted: ${aborted}`)
    }
  }
  const app = bootstrap(App, { logger: false }).on('error', (error: Error) => note(error.message))
  await serve(app, async url => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc')
    await noted(1)
    socket.destroy()
    await noted(2)
  })
  expect(log).toEqual(['reads', 'aborted: true'])
})

test('an error that two methods throw is emitted once', async () => {
  const failure = new Error('the same')
  class App {
    @Get('/') index() {
      return ''
    }
    @TeardownRequest one() {
      throw failure
    }
    @TeardownRequest other() {
      throw failure
    }
  }
  const app = bootstrap(App, { logger: false }).on('error', (error: Error) => note(error.message))
  await serve(app, ask)
  expect(log).toEqual(['the same'])
})

test('a stream that closes with its connection, before the response does, counts as aborted by its client', async () => {
  class App {
    @Get('/') index(ctx: Context) {
      // More than the client takes in: it waits for nothing of its own.
      const stream = streamWithContext(Array.from({ length: 1000 }, () => 'a'.repeat(100_000)))
      void until('the response waits for its client', () => ctx.res.writableNeedDrain).then(() => {
        ctx.req.socket.destroy()
        stream.destroy()
      })
      return stream
    }
    @TeardownRequest teardown(error?: Error) {
      note(String(error?.name))
    }
  }
  await serve(bootstrap(App, { logger: false }), async url => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').pause()
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await noted(1)
    socket.destroy()
  })
  expect(log).toEqual(['AbortError'])
})
