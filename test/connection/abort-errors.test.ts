import { EventEmitter, once } from 'node:events'
import { request } from 'node:http'
import { connect as connect2, constants, createServer } from 'node:http2'
import { connect } from 'node:net'
import { Readable, PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import {
  AfterResponse,
  BeforeRequest,
  ErrorHandler,
  Get,
  Post,
  TeardownRequest,
  bootstrap,
  gracefulShutdown,
  streamWithContext,
  type BootstrapOptions,
  type Context,
  type Outcome,
} from 'flaskoa'
import type Koa from 'koa'
import { ask } from '../support/ask'
import { log, note } from '../support/log'
import { portOf, serve, serveHttp2 } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

// What Node's own functions throw when a signal is aborted: an AbortError whose cause is the signal's reason.

const never = () => new Readable({ read: () => undefined })

const waits: [string, (signal: AbortSignal) => Promise<unknown>][] = [
  ['a timer', signal => sleep(60_000, undefined, { signal })],
  ['once', signal => once(new EventEmitter(), 'never', { signal })],
  ['pipeline', signal => pipeline(never(), new PassThrough().resume(), { signal })],
  ['AbortSignal.any', signal => sleep(60_000, undefined, { signal: AbortSignal.any([signal]) })],
  [
    'the reason',
    async signal => {
      if (!signal.aborted) await once(signal, 'abort')
      signal.throwIfAborted()
    },
  ],
  [
    'a signal that passes an AbortError on',
    signal => {
      const controller = new AbortController()
      const passing = sleep(60_000, undefined, { signal }).catch((error: unknown) => controller.abort(error))
      return Promise.all([passing, sleep(60_000, undefined, { signal: controller.signal })])
    },
  ],
]

/** An application whose view waits for `wait`. */
function appOf(wait: (signal: AbortSignal) => unknown) {
  class App {
    @Get('/') async index(ctx: Context) {
      note('waits')
      await wait(ctx.signal)
      return 'never'
    }
    @Get('/before') before() {
      return 'never'
    }
    @Get('/stream') stream(ctx: Context) {
      return streamWithContext(async function* () {
        yield 'begun'
        note('waits')
        await wait(ctx.signal)
      })
    }
    @Get('/plain-stream') plainStream(ctx: Context) {
      return (async function* () {
        yield 'begun'
        note('waits')
        await wait(ctx.signal)
      })()
    }
    @Get('/teardown') async inTeardown(ctx: Context) {
      note('waits')
      ctx.state.slow = true
      await once(ctx.signal, 'abort')
      return ''
    }
    @BeforeRequest async guard(ctx: Context) {
      if (ctx.path !== '/before') return
      note('waits')
      await wait(ctx.signal)
    }
    @TeardownRequest async teardown(_: unknown, ctx: Context) {
      if (ctx.state.slow === true) await wait(ctx.signal)
    }
    @AfterResponse over({ aborted }: Outcome) {
      note(`aborted: ${aborted}`)
    }
  }
  return App
}

/** Notes what reaches `error` and `gotRequestException`. */
function watch<A extends Koa>(app: A): A {
  app.on('error', (error: Error) => note(`error: ${error.name}`))
  return app.on('gotRequestException', (error: Error) => note(`gotRequestException: ${error.name}`))
}

const waiting = () => until('the application waits', () => log.includes('waits'))
const over = () => until('the request is over', () => log.some(each => each.startsWith('aborted')))

/** Asks for a path and disconnects while the application waits. */
async function leave(url: string): Promise<void> {
  const asking = request(url, { agent: false }).on('error', () => undefined)
  asking.on('response', response => response.on('error', () => undefined)).end()
  await waiting()
  asking.destroy()
}

describe.each(worlds)('%s', (_, make) => {
  describe.each(waits)('a client that disconnects while the application waits for %s', (_, wait) => {
    test.each(['/', '/before', '/teardown'])('is no error of the application: %s', async path => {
      await serve(watch(make(appOf(wait), [])), async url => {
        await leave(url + path)
        await over()
      })
      expect(log).toEqual(['waits', 'aborted: true'])
    })
  })

  test.each(['', '?signal'])('nor when it disconnects from a pipeline that a view writes by hand: /%s', async query => {
    class App {
      @Get('/') async index(ctx: Context) {
        ctx.respond = false
        note('waits')
        await pipeline(never(), ctx.res, query === '' ? {} : { signal: ctx.signal })
        return ctx.response
      }
      @AfterResponse over({ aborted }: Outcome) {
        note(`aborted: ${aborted}`)
      }
    }
    await serve(watch(make(App, [])), async url => {
      await leave(url + query)
      await over()
    })
    expect(log).toEqual(['waits', 'aborted: true'])
  })

  test.each(waits)('a 503 at the deadline, while the application waits for %s, is reported once', async (_, wait) => {
    const app = watch(make(appOf(wait), [], { requestTimeout: 30 }))
    await serve(app, async url => {
      expect((await ask(url)).status).toBe(503)
      await over()
    })
    expect(log).toEqual(['waits', 'error: ServiceUnavailableError', 'aborted: false'])
  })

  test('nor does it become an error when a handler has answered it', async () => {
    class Handled extends appOf(signal => sleep(60_000, undefined, { signal })) {
      @ErrorHandler(503) busy() {
        return 'busy'
      }
    }
    await serve(watch(make(Handled, [], { requestTimeout: 30 })), async url => {
      expect((await ask(url)).text).toBe('busy')
      await over()
    })
    expect(log).toEqual(['waits', 'aborted: false'])
  })

  test('a handler that fails because the signal is aborted leaves the deadline in the log', async () => {
    class Handled extends appOf(signal => sleep(60_000, undefined, { signal })) {
      @ErrorHandler(503) async busy(_: Error, { signal }: Context) {
        await sleep(60_000, undefined, { signal })
        return 'busy'
      }
    }
    const app = make(Handled, [], { requestTimeout: 30 })
    app.on('error', (error: Error) => note(`error: ${error.name}`))
    await serve(app, async url => {
      expect((await ask(url)).status).toBe(500)
      await over()
    })
    expect(log).toEqual(['waits', 'error: ServiceUnavailableError', 'aborted: false'])
  })

  test.each<[string, (signal: AbortSignal) => unknown]>([
    ['another signal', () => sleep(60_000, undefined, { signal: AbortSignal.abort() })],
    [
      'another signal, after the client has disconnected',
      async signal => {
        await once(signal, 'abort')
        await sleep(60_000, undefined, { signal: AbortSignal.abort(new Error('another')) })
      },
    ],
    [
      'no signal at all',
      async signal => {
        await once(signal, 'abort')
        throw Object.assign(new Error('by hand'), { name: 'AbortError', code: 'ABORT_ERR' })
      },
    ],
    [
      'causes in a circle',
      async signal => {
        await once(signal, 'abort')
        const error = new Error('circle')
        Object.assign(error, { name: 'AbortError', cause: error })
        throw error
      },
    ],
  ])('an AbortError of %s is an error', async (_, wait) => {
    await serve(watch(make(appOf(wait), [])), async url => {
      await leave(url)
      await over()
    })
    expect(log.slice(0, 3)).toEqual(['waits', 'gotRequestException: AbortError', 'error: AbortError'])
  })

  test('an AbortError whose cause cannot be read is an error', async () => {
    const cause = () => {
      throw new Error('unreadable')
    }
    const hostile = Object.defineProperties(new Error(), { name: { value: 'AbortError' }, cause: { get: cause } })
    const App = appOf(async signal => {
      await once(signal, 'abort')
      throw hostile
    })
    await serve(watch(make(App, [])), async url => {
      await leave(url)
      await over()
    })
    // By an error in its place, whose properties can be read.
    expect(log.slice(1, 3)).toEqual(['gotRequestException: Error', 'error: Error'])
  })
})

test.each<[string, string]>([
  ['a body that breaks off', 'Content-Length: 100\r\n\r\nhalf'],
  ['a chunked body that breaks off', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
])('%s is no error, a body that is no gzip is one', async (_, rest) => {
  class App {
    @Post('/') async read(ctx: Context) {
      note('waits')
      await pipeline(ctx.req, new PassThrough().resume(), { signal: ctx.signal })
      return 'read'
    }
    @Post('/gzip') async unzip(ctx: Context) {
      await pipeline(ctx.req, createGunzip(), new PassThrough().resume())
      return 'read'
    }
    @AfterResponse over({ aborted }: Outcome) {
      note(`aborted: ${aborted}`)
    }
  }
  await serve(watch(bootstrap(App, { logger: false })), async url => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${rest}`)
    await waiting()
    socket.end()
    await over()
    expect(log).toEqual(['waits', 'aborted: true'])
    log.length = 0
    const other = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
    other.write('POST /gzip HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nno gzip at all')
    await until('it is reported', () => log.length > 1)
    other.destroy()
  })
  expect(log.slice(0, 2)).toEqual(['gotRequestException: Error', 'error: Error'])
})

test.each<BootstrapOptions>([{ propagateExceptions: true }, { debug: true }])(
  'the same where errors leave the lifecycle: %p',
  async options => {
    const app = watch(bootstrap(appOf(waits[0]?.[1] as () => unknown), { logger: false, ...options }))
    await serve(app, async url => {
      await leave(url)
      await over()
    })
    expect(log).toEqual(['waits', 'aborted: true'])
  },
)

test.each(waits)('a stream that waits for %s', async (_, wait) => {
  await serve(watch(bootstrap(appOf(wait), { logger: false })), async url => {
    for (const path of ['/stream', '/plain-stream']) {
      log.length = 0
      await leave(url + path)
      await over()
      expect(log).toEqual(['waits', 'aborted: true'])
    }
  })
})

test('a middleware around the lifecycle, and the log', async () => {
  const middleware: Koa.Middleware = async ctx => {
    note('waits')
    try {
      await sleep(60_000, undefined, { signal: (ctx as Context).signal })
    } finally {
      setImmediate(() => note('aborted'))
    }
  }
  const logger = { error: (_: unknown, message: string) => note(message) }
  class App {
    @Get('/') index() {
      return ''
    }
  }
  await serve(watch(bootstrap(App, { logger, middleware: [middleware] })), async url => {
    await leave(url)
    await over()
  })
  expect(log).toEqual(['waits', 'aborted'])
})

test('HTTP/2: a client that resets its stream is no error either', async () => {
  for (const [, wait] of waits) {
    log.length = 0
    await serveHttp2(watch(bootstrap(appOf(wait), { logger: false })), async session => {
      const stream = session.request({ ':path': '/' }).on('error', () => undefined)
      await waiting()
      stream.close(constants.NGHTTP2_CANCEL)
      await over()
    })
    expect(log).toEqual(['waits', 'aborted: true'])
  }
})

test.each(['/', '/stream', '/plain-stream'])('a shutdown is reported once: %s', async path => {
  const app = watch(
    bootstrap(
      appOf(signal => sleep(60_000, undefined, { signal })),
      { logger: false },
    ),
  )
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { close, uninstall } = gracefulShutdown(server, { timeout: 20 })
  uninstall()
  const asking = ask(`http://127.0.0.1:${portOf(server)}${path}`).catch(() => undefined)
  await waiting()
  await close()
  await asking
  expect(log.filter(each => each.startsWith('error'))).toEqual(['error: ServiceUnavailableError'])
})

describe('a 503 at the deadline while the body of the request has not arrived', () => {
  class Uploads {
    @Post('/unread') unread(): Promise<string> {
      return new Promise(() => undefined)
    }
    @Post('/reading') async reading(ctx: Context) {
      for await (const chunk of ctx.req) note(String(chunk))
      return 'read'
    }
    @Post('/handled') handled(): Promise<string> {
      return new Promise(() => undefined)
    }
    @ErrorHandler(503) busy(error: Error, ctx: Context) {
      return ctx.path === '/handled' ? 'busy' : error
    }
    @AfterResponse over({ aborted }: Outcome) {
      note(`aborted: ${aborted}`)
    }
  }

  describe.each(worlds)('%s', (_, make) => {
    test.each(['/unread', '/reading', '/handled'])('ends the connection: %s', async path => {
      await serve(make(Uploads, [], { requestTimeout: 30 }), async url => {
        const socket = connect(Number(new URL(url).port), '127.0.0.1')
        socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf`)
        let text = ''
        for await (const chunk of socket) text += String(chunk)
        expect(text).toMatch(path === '/handled' ? /^HTTP\/1.1 200 / : /^HTTP\/1.1 503 /)
        expect(text).toContain('\r\nConnection: close\r\n')
        await over()
      })
      expect(log).toEqual([...(path === '/reading' ? ['half'] : []), 'aborted: false'])
    })

    test('but keeps it if the body has arrived', async () => {
      await serve(make(Uploads, [], { requestTimeout: 30 }), async url => {
        const headers = { connection: 'keep-alive' }
        const slow = await ask(`${url}/unread`, { method: 'POST', body: 'whole', headers })
        expect([slow.status, slow.headers.connection]).toEqual([503, 'keep-alive'])
      })
    })
  })

  test.each(['/unread', '/reading'])('HTTP/2: ends the stream: %s', async path => {
    const app = bootstrap(Uploads, { logger: false, requestTimeout: 30 })
    const server = createServer(app.callback() as never).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const session = connect2(`http://127.0.0.1:${portOf(server)}`)
    const stream = session.request({ ':path': path, ':method': 'POST' }, { endStream: false })
    stream.write('half')
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
    expect(headers[':status']).toBe(503)
    let text = ''
    stream.setEncoding('utf8').on('data', chunk => (text += String(chunk)))
    await once(stream, 'close')
    expect(text).toContain('Service Unavailable')
    await over()
    expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR)
    session.close()
    await new Promise(resolve => server.close(resolve))
    expect(log).toEqual([...(path === '/reading' ? ['half'] : []), 'aborted: false'])
  })
})
