import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import http, { type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { PassThrough, Readable, Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type Koa from 'koa'
import compress from 'koa-compress'
import {
  AfterRequest,
  AfterResponse,
  bootstrap,
  ErrorHandler,
  Get,
  gracefulShutdown,
  makeResponse,
  streamWithContext,
  TeardownRequest,
  type Context,
  type Outcome,
  type Response as KoaResponse,
} from 'flaskoa'
import { ask } from '../support/ask'
import { clientOf } from '../support/client'
import { settled } from '../support/gate'
import { log, note } from '../support/log'
import { portOf, serve, serveHttp2 } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

// Responses that can't be sent to their end, over real sockets.

/** All that the server sends until it closes the connection. */
async function raw(url: string, path: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  let text = ''
  socket.on('data', chunk => (text += chunk.toString()))
  socket.on('error', () => undefined)
  await once(socket, 'close')
  return text
}

class App {
  @Get('/missing') missing() {
    return createReadStream('/does/not/exist')
  }

  @Get('/kept') kept() {
    return streamWithContext(createReadStream('/does/not/exist'))
  }

  @Get('/begun') async begun({ res }: Context): Promise<string> {
    res.writeHead(200, { 'Content-Length': 3 })
    res.write('abc')
    await settled()
    throw new Error('too late')
  }

  @Get('/apart') apart(ctx: Context): string {
    ctx.respond = false
    throw new Error('apart')
  }

  @Get('/ok') ok() {
    return 'ok'
  }

  @AfterRequest() async slowly(response: KoaResponse) {
    await settled()
    return response
  }
}

test.each(['/missing', '/kept'])('a stream that fails before it is sent ends only its own request: %s', async path => {
  await serve(bootstrap(App, { logger: false }), async url => {
    for (const method of ['GET', 'HEAD']) await fetch(url + path, { method }).then(each => each.text(), String)
    expect(await (await fetch(`${url}/ok`)).text()).toBe('ok')
  })
})

test.each([
  ['an object', () => Readable.from(['one', { two: 2 }])],
  ['a number', () => Readable.from([1])],
  ['what a transformation gives', () => Readable.from(['one']).pipe(objects())],
])('a stream that has %s among its chunks ends its own request only', async (_, stream) => {
  class Chunks {
    @Get('/returned') returned() {
      return stream()
    }
    @Get('/made') made() {
      return makeResponse(stream(), 201)
    }
    @Get('/body') body(ctx: Context) {
      ctx.body = stream()
      return ctx.response
    }
    @AfterResponse() record({ aborted }: Outcome) {
      note(String(aborted))
    }
    @Get('/ok') ok() {
      return 'ok'
    }
  }
  const app = bootstrap(Chunks, { logger: false })
  app.on('error', ({ code }: NodeJS.ErrnoException) => {
    note(String(code))
  })
  await serve(app, async url => {
    for (const path of ['/returned', '/made', '/body']) {
      log.length = 0
      expect(await raw(url, path)).not.toMatch(/\r\n0\r\n/)
      await until('error and outcome are noted', () => log.length === 2)
      expect(log.sort()).toEqual(['ERR_INVALID_ARG_TYPE', 'true'])
    }
    expect(await (await fetch(`${url}/ok`)).text()).toBe('ok')
  })
})

const objects = () =>
  new Transform({
    objectMode: true,
    transform: (_chunk, _encoding, done) => {
      done(null, {})
    },
  })

test('a response whose socket other middleware detaches ends with its connection', async () => {
  class Taken {
    @Get('/') index() {
      return 'index'
    }
    @AfterResponse() record({ aborted }: Outcome) {
      note(`aborted: ${aborted}`)
    }
  }
  const take: Koa.Middleware = async (ctx, next) => {
    await next()
    ctx.respond = false
    const { socket } = ctx.req
    ctx.res.detachSocket(socket)
    socket.end('HTTP/1.1 299 OK\r\nConnection: close\r\n\r\n')
  }
  const server = bootstrap(Taken, { middleware: [take], logger: false }).listen(0, '127.0.0.1')
  const shutdown = gracefulShutdown(server, { timeout: 1000, logger: false })
  await once(server, 'listening')
  expect(await raw(`http://127.0.0.1:${portOf(server)}`, '/')).toMatch(/^HTTP\/1.1 299 /)
  await shutdown.close()
  shutdown.uninstall()
  expect(log).toEqual(['aborted: true'])
})

test('no error page follows a response that has begun', async () => {
  await serve(bootstrap(App, { logger: false }), async url => {
    const sent = await raw(url, '/begun')
    expect([sent.startsWith('HTTP/1.1 200'), sent.includes('doctype')]).toEqual([true, false])
  })
})

test('an error is answered even if the view set ctx.respond = false', async () => {
  await serve(bootstrap(App, { logger: false }), async url => {
    expect((await fetch(`${url}/apart`)).status).toBe(500)
  })
})

test('a frozen error is answered like any other', async () => {
  class Frozen {
    @Get('/') index(): string {
      throw Object.freeze(new Error('frozen'))
    }
  }
  await serve(bootstrap(Frozen, { propagateExceptions: true, logger: false }), async url => {
    expect((await fetch(url)).status).toBe(500)
  })
})

test.each([
  ['a stream', () => new PassThrough()],
  [
    'a generator',
    async function* () {
      yield 'first'
      await new Promise(() => undefined)
    },
  ],
])('[12.4] a client that leaves while %s waits for its next chunk', async (_, source) => {
  let torn: () => void
  const teardown = new Promise<void>(resolve => (torn = resolve))
  class Waiting {
    @Get('/') index() {
      const chunks = source()
      if (chunks instanceof PassThrough) chunks.write('first')
      return streamWithContext(chunks)
    }

    @TeardownRequest() close(error?: Error) {
      note(String(error?.name))
      torn()
    }
  }
  await serve(bootstrap(Waiting, { logger: false }), async url => {
    const request = http.get(url)
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    await once(response, 'data')
    response.on('error', () => undefined)
    request.destroy()
    await teardown
    expect(log).toEqual(['AbortError'])
  })
})

test('a response that fetch() received is passed on without its hop-by-hop headers', async () => {
  const upstream = {
    url: 'http://upstream.example/',
    status: 200,
    headers: { 'content-encoding': 'gzip', 'content-length': '3', connection: 'close', 'x-kept': 'yes' },
  }
  class Proxy {
    @Get('/') index() {
      const received = new Response('decoded', { headers: upstream.headers })
      return Object.defineProperty(received, 'url', { value: upstream.url })
    }
  }
  const response = await clientOf(Proxy).get('/')
  expect([response.text, response.header('content-encoding'), response.header('x-kept')]).toEqual([
    'decoded',
    undefined,
    'yes',
  ])
})

test.each([100, 204, 304, 999])('an error with the status %d is not an HTTP error', async status => {
  class Strange {
    @Get('/') index(): string {
      throw Object.assign(new Error('strange'), { status, statusCode: status, expose: true })
    }
  }
  expect((await clientOf(Strange).get('/')).status).toBe(500)
})

test('a thrown value that cannot be inspected is reported like any other error', async () => {
  class Hostile {
    @Get('/') index() {
      return 'fine'
    }

    @TeardownRequest() last() {
      note('last')
    }

    @TeardownRequest() first() {
      const { proxy, revoke } = Proxy.revocable({}, {})
      revoke()

      throw proxy
    }
  }
  expect((await clientOf(Hostile).get('/')).text).toBe('fine')
  expect(log).toEqual(['last'])
})

describe('responses that only flaskoa can end', () => {
  /** Plain Koa reports the end of the connection as a further error. */
  const reported = (world: string) =>
    log.filter(each => world !== 'in plain Koa' || !/^(Premature close|Stream closed with error code)/.test(each))
  const compressed: Record<string, () => unknown> = {
    'an async generator': async function* () {
      yield 'x'.repeat(5000)
      await sleep(5)
      throw new Error('mid')
    },
    'a web stream': () => {
      const chunks = compressed['an async generator']?.() as AsyncGenerator<string>
      return Readable.toWeb(Readable.from(chunks))
    },
    'a stream that keeps its request': () =>
      streamWithContext(compressed['an async generator'] as () => AsyncGenerator<string>),
  }
  describe.each(worlds)('%s', (world, make) => {
    test.each(Object.keys(compressed))('%s that fails inside of compress', async kind => {
      const outcomes: Outcome[] = []
      class Compressed {
        @Get('/') index(ctx: Context): Readable {
          ctx.type = 'text'
          return compressed[kind]?.() as Readable
        }
        @AfterResponse record(outcome: Outcome) {
          outcomes.push(outcome)
        }
      }
      const app = make(Compressed, [compress()]).on('error', (error: Error) => note(error.message))
      await serve(app, async url => {
        // The compressor may have let nothing out yet.
        await expect(ask(url, { headers: { 'accept-encoding': 'gzip' } })).rejects.toThrow(/aborted|socket hang up/)
        await until('@AfterResponse has run', () => outcomes.length > 0)
      })
      expect(reported(world)).toEqual(['mid'])
      expect(outcomes).toMatchObject([{ aborted: true, handled: false, error: { message: 'mid' } }])
    })

    test('a response written by hand ends when its view fails or meets the deadline', async () => {
      class ByHand {
        @Get('/fails') async fails(ctx: Context): Promise<string> {
          this.begin(ctx)
          await sleep(5)
          throw new Error('by hand')
        }
        @Get('/hangs') hangs(ctx: Context): Promise<string> {
          this.begin(ctx)
          return new Promise(() => undefined)
        }
        private begin(ctx: Context) {
          ctx.respond = false
          ctx.res.write('begun')
        }
      }
      const app = make(ByHand, [], { requestTimeout: 30 }).on('error', (error: Error) => note(error.message))
      await serve(app, async url => {
        await expect(ask(`${url}/fails`)).rejects.toThrow('aborted')
        await expect(ask(`${url}/hangs`)).rejects.toThrow('aborted')
      })
      expect(reported(world)).toEqual(['by hand', 'GET /hangs took longer than requestTimeout, 30 ms'])
    })

    test('HTTP/2: a response that fails midway does not look complete', async () => {
      class Begun {
        @Get('/') async index({ res }: Context): Promise<string> {
          res.write('partial')
          await sleep(5)
          throw new Error('after the headers')
        }
        @Get('/stream') stream() {
          return Readable.from(compressed['an async generator']?.() as AsyncGenerator<string>)
        }
        @AfterResponse record({ aborted, error }: Outcome) {
          note(`${error?.message}, aborted: ${aborted}`)
        }
      }
      const app = make(Begun, []).on('error', (error: Error) => note(error.message))
      await serveHttp2(app, async session => {
        for (const path of ['/', '/stream']) {
          const stream = session.request({ ':path': path }).resume()
          await expect(once(stream, 'end')).rejects.toThrow('NGHTTP2_INTERNAL_ERROR')
        }
        await until('both outcomes are noted', () => log.filter(each => each.includes('aborted: ')).length === 2)
      })
      // Plain Koa reports an error of a stream twice.
      expect([...new Set(reported(world))].sort()).toEqual(
        ['after the headers', 'after the headers, aborted: true', 'mid', 'mid, aborted: true'].sort(),
      )
    })
  })

  test('HTTP/2: a client that disconnects during a long text aborts the response', async () => {
    const outcomes: Outcome[] = []
    let signal: AbortSignal | undefined
    class Long {
      @Get('/') index(ctx: Context) {
        signal = ctx.signal
        return 'x'.repeat(5_000_000)
      }
      @AfterResponse record(outcome: Outcome) {
        outcomes.push(outcome)
      }
    }
    await serveHttp2(bootstrap(Long, { logger: false }), async session => {
      const stream = session.request({ ':path': '/' })
      await once(stream, 'response')
      stream.close(8)
      await until('@AfterResponse has run', () => outcomes.length > 0)
    })
    expect([outcomes[0]?.aborted, signal?.aborted]).toEqual([true, true])
  })

  test('a client that resets the connection during a long text aborts the response', async () => {
    const outcomes: Outcome[] = []
    let signal: AbortSignal | undefined
    let response: ServerResponse | undefined
    class Long {
      @Get('/') index(ctx: Context) {
        signal = ctx.signal
        response = ctx.res
        return 'x'.repeat(50_000_000)
      }
      @AfterResponse record(outcome: Outcome) {
        outcomes.push(outcome)
      }
    }
    await serve(bootstrap(Long, { logger: false }), async url => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined)
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      socket.pause()
      await until('the response waits for its client', () => response?.socket?.writableLength)
      socket.resetAndDestroy()
      await until('@AfterResponse has run', () => outcomes.length > 0)
    })
    expect([outcomes[0]?.aborted, signal?.aborted]).toEqual([true, true])
  })
})

describe('listeners for errors that throw', () => {
  const listener = () => {
    throw new Error('the listener')
  }
  let written: jest.SpyInstance
  beforeEach(() => {
    // As Node 20 does, it looks at the stack of what it is given.
    written = jest.spyOn(console, 'error').mockImplementation((...given: unknown[]) => {
      for (const each of given) if (each instanceof Error) String(each.stack)
    })
  })
  afterEach(() => written.mockRestore())

  test('a stream that fails still ends its connection', async () => {
    class Failing {
      @Get('/') async *index() {
        yield 'a'
        await sleep(5)
        throw new Error('mid')
      }
      @Get('/bigint') async *bigint() {
        yield 'a'
        await sleep(5)
        throw 10n
      }
    }
    await serve(bootstrap(Failing).on('error', listener), async url => {
      for (const path of ['/', '/bigint']) await expect(ask(url + path)).rejects.toThrow('aborted')
    })
    expect(written.mock.calls.map(([text]: [string]) => text)).toEqual([
      'Exception in the body stream of / [GET]: mid',
      expect.stringMatching(/^A listener for the error event threw: .+, while it handled: mid$/),
      'Exception in the body stream of /bigint [GET]: a value that is not an Error was thrown: 10',
      expect.stringMatching(/^A listener for the error event threw: .+, while it handled: .*10/),
    ])
  })

  test('an error that cannot be converted to a string still reaches its handler', async () => {
    class Unshowable {
      @Get('/') index(): never {
        throw Object.defineProperty(new Error('hidden'), 'stack', { get: listener })
      }
      @ErrorHandler(500) handle() {
        return 'handled'
      }
    }
    await serve(bootstrap(Unshowable).on('error', listener), async url => {
      expect((await ask(url)).text).toBe('handled')
    })
    expect(written.mock.calls.map(([text]: [string]) => text)).toEqual([
      ...Array<string>(2).fill('Exception on / [GET]: hidden'),
      expect.stringMatching(/^A listener for the error event threw: .+, while it handled: hidden$/),
    ])
  })

  test('a response that has ended stays as it is', async () => {
    class App {
      @Get('/') index() {
        return ''
      }
    }
    const byHand: Koa.Middleware = ctx => {
      ctx.respond = false
      ctx.res.end('by hand')
      throw new Error('late')
    }
    await serve(bootstrap(App, { logger: false, middleware: [byHand] }).on('error', listener), async url => {
      expect((await ask(url)).text).toBe('by hand')
    })
  })
})
