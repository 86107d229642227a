import { EventEmitter, once } from 'node:events'
import { request as httpRequest, type ClientRequest } from 'node:http'
import { PassThrough, pipeline, Readable, Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  AfterRequest,
  BeforeRequest,
  ErrorHandler,
  Route,
  TeardownRequest,
  bootstrap,
  g,
  makeResponse,
  request,
  session,
  streamWithContext,
  type BootstrapOptions,
  type Class,
  type Context,
  type Response,
  type ResponseValue,
  type LogEntry,
} from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { clientOf } from '../support/client'
import { settled } from '../support/gate'
import { patience } from '../support/pace'
import { run } from '../support/run'
import { serve } from '../support/serve'
import { until } from '../support/until'

const log: unknown[] = []
beforeEach(() => {
  log.length = 0
})

test('a source that has all its chunks at hand lets the process do other things', async () => {
  let haveOthersRun = false
  class App {
    @Route('/') stream() {
      setImmediate(() => (haveOthersRun = true))
      return streamWithContext(function* () {
        for (let count = 0; count < 1000 && !haveOthersRun; count++) yield 'x'
      })
    }
  }
  const { text } = await testClient(bootstrap(App)).get('/')
  expect(text.length).toBeLessThan(1000)
})

/** What can be seen of the context from here. */
function context(): string {
  try {
    return `${g.name} ${request.path}`
  } catch {
    return 'no context'
  }
}

async function* chunks() {
  try {
    for (const chunk of ['a', 'b', 'c']) {
      log.push(`${chunk}: ${context()}`)
      yield chunk
      await sleep(1)
    }
    log.push(`end: ${context()}`)
  } finally {
    log.push('closed')
  }
}

const webStream = () => ReadableStream.from(chunks()) as unknown as ReadableStream<Uint8Array>

async function* failing() {
  yield 'a'
  await sleep(1)
  throw new Error('from the stream')
}

/** Until the client goes away. */
async function* endless() {
  try {
    for (;;) {
      yield 'x'.repeat(1000)
      await sleep(1)
    }
  } finally {
    log.push('closed')
  }
}

/** An application whose one view does `view`, and whose after methods do `after`. */
function appOf(view: (ctx: Context) => unknown, after: (response: Response) => unknown = response => response): Class {
  class App {
    @BeforeRequest
    before() {
      g.name = 'Ada'
    }
    @Route('/')
    index(ctx: Context) {
      return view(ctx) as ResponseValue
    }
    @AfterRequest
    after(response: Response) {
      log.push('after')
      return after(response) as Response
    }
    @TeardownRequest
    teardown(error?: Error) {
      log.push(`teardown: ${context()}${error === undefined ? '' : ` ${error.name}: ${error.message}`}`)
    }
  }
  return App
}

/** Waits until `what` was logged. */
async function logged(what: string | RegExp): Promise<void> {
  const isMeant = (entry: unknown) => (typeof what === 'string' ? entry === what : what.test(String(entry)))
  await until(`${String(what)} is logged`, () => log.some(isMeant))
}

/** Asks for `url`, reads the first bytes and goes away. */
async function leaveEarly(url: string, leave = (client: ClientRequest) => void client.destroy()): Promise<void> {
  const client = httpRequest(url).end()
  const [response] = (await once(client, 'response')) as [Readable]
  await once(response, 'data')
  response.on('error', () => undefined)
  leave(client)
}

/** Goes away without a goodbye, as a machine that crashes. */
const reset = (url: string) => leaveEarly(url, client => void client.socket?.resetAndDestroy())

const TEARDOWN = 'teardown: Ada /'

describe('a plain stream', () => {
  test.each<[string, () => unknown]>([
    ['an async generator', chunks],
    ['a Node stream', () => Readable.from(chunks())],
    ['an async iterable', () => ({ [Symbol.asyncIterator]: chunks })],
    ['a WHATWG Response', () => new globalThis.Response(webStream())],
    ['a web stream', webStream],
  ])('[12.1, 12.5] runs after everything else, teardown included, outside of the request: %s', async (_, view) => {
    await serve(bootstrap(appOf(view)), async url => expect(await (await fetch(url)).text()).toBe('abc'))
    const [first, ...others] = log.filter(entry => !/^[ab]: /.test(String(entry)))
    expect([first, log.indexOf(TEARDOWN) < log.indexOf('end: no context')]).toEqual(['after', true])
    expect(others).toContain('end: no context')
  })

  test('[12.1] is not started before teardown has ended', async () => {
    const client = clientOf(appOf(chunks))
    expect((await client.get('/')).text).toBe('abc')
    expect(log).toEqual([
      ...['after', TEARDOWN, 'a: no context', 'b: no context', 'c: no context', 'end: no context', 'closed'],
    ])
  })

  test('[12.3] an error: teardown ran before it, the connection closes, and the error is emitted once', async () => {
    const app = bootstrap(appOf(failing), { logger: false })
    app.on('error', (error: Error, ctx: Context) => log.push(`${error.message} ${ctx.path}`))
    await serve(app, async url => {
      const response = await fetch(url)
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow()
      await logged('from the stream /')
      await settled() // shows that it is not reported a second time
    })
    expect(log).toEqual(['after', TEARDOWN, 'from the stream /'])
  })

  test('[12.4] the client disconnects: the stream is closed', async () => {
    await serve(bootstrap(appOf(endless), { logger: false }), async url => {
      await leaveEarly(url)
      await logged('closed')
    })
    expect(log).toEqual(['after', TEARDOWN, 'closed'])
  })

  test.each<[string, () => unknown]>([
    ['an async generator', chunks],
    ['a Node stream', () => Readable.from(chunks())],
    ['a web stream', webStream],
    ['a WHATWG Response', () => new globalThis.Response(webStream())],
  ])('[12.7] HEAD does not start it: %s', async (_, view) => {
    const response = await clientOf(appOf(view)).head('/')
    expect([response.status, response.text]).toEqual([200, ''])
    await logged(TEARDOWN)
    await settled() // shows that nothing follows
    expect(log).toEqual(['after', TEARDOWN])
  })

  test.each<[string, (stream: Readable, seen: () => void) => unknown]>([
    ['a Node stream', stream => stream],
    [
      'a web stream',
      (_, cancel) =>
        new ReadableStream<Uint8Array>({
          cancel,
        }),
    ],
  ])('[4.3] HEAD closes it: %s', async (kind, make) => {
    let closed = 0
    const stream = Readable.from(['a']).on('close', () => closed++)
    await clientOf(appOf(() => make(stream, () => closed++))).head('/')
    await until('it is closed', () => closed > 0)
    await settled() // shows that it is closed once
    expect([kind, closed]).toEqual([kind, 1])
  })
})

describe('streamWithContext', () => {
  const whole = ['after', 'a: Ada /', 'b: Ada /', 'c: Ada /', 'end: Ada /', 'closed', TEARDOWN]

  test.each<[string, () => unknown]>([
    ['a generator function', () => streamWithContext(chunks)],
    ['a generator', () => streamWithContext(chunks())],
    ['a Node stream', () => streamWithContext(Readable.from(chunks()))],
    ['through makeResponse', () => makeResponse(streamWithContext(chunks), 201)],
    [
      'through a WHATWG Response',
      () => new globalThis.Response(Readable.toWeb(streamWithContext(chunks)) as ReadableStream),
    ],
  ])('[12.2] keeps the context; teardown runs once, after the last chunk: %s', async (_, view) => {
    await serve(bootstrap(appOf(view)), async url => {
      expect(await (await fetch(url)).text()).toBe('abc')
      await logged(TEARDOWN)
    })
    await settled() // shows that nothing follows
    expect(log).toEqual(whole)
  })

  test('[12.2] takes a plain list and a synchronous generator', async () => {
    expect((await clientOf(appOf(() => streamWithContext(['a', Buffer.from('b')]))).get('/')).text).toBe('ab')
    const generate = function* () {
      yield context()
    }
    expect((await clientOf(appOf(() => streamWithContext(generate))).get('/')).text).toBe('Ada /')
    await until('both requests are torn down', () => log.filter(entry => entry === TEARDOWN).length === 2)
  })

  test('[12.2] the type is that of a stream unless one was set', async () => {
    const view = (ctx: Context) => {
      ctx.type = 'text/plain'
      return streamWithContext(chunks)
    }
    expect((await clientOf(appOf(view)).get('/')).header('Content-Type')).toBe('text/plain; charset=utf-8')
    const plain = await clientOf(appOf(() => streamWithContext(chunks))).get('/')
    expect(plain.header('Content-Type')).toBe('application/octet-stream')
    await until('both requests are torn down', () => log.filter(entry => entry === TEARDOWN).length === 2)
  })

  test('[12.3] an error in the stream: teardown gets it, the connection closes, and it is emitted once', async () => {
    const app = bootstrap(
      appOf(() => streamWithContext(failing)),
      { logger: false },
    )
    app.on('error', (error: Error, ctx: Context) => log.push(`${error.message} ${ctx.path}`))
    await serve(app, async url => {
      await expect(fetch(url).then(response => response.text())).rejects.toThrow()
      await logged(/^teardown/)
      await logged('from the stream /')
      await settled() // shows that nothing comes twice
    })
    expect(log.toSorted()).toEqual(['after', 'from the stream /', `${TEARDOWN} Error: from the stream`])
  })

  test('[12.3] an error before the first chunk breaks the connection too: the status is decided', async () => {
    const generate = async function* (): AsyncGenerator<string> {
      await sleep(1)
      throw new Error('at once')
    }
    await serve(
      bootstrap(
        appOf(() => streamWithContext(generate)),
        { logger: false },
      ),
      async url => {
        await fetch(url).then(
          response => response.text(),
          () => undefined,
        )
        await logged(/^teardown/)
      },
    )
    expect(log).toEqual(['after', `${TEARDOWN} Error: at once`])
  })

  test('[12.4] the client disconnects: the stream is closed, teardown gets an AbortError', async () => {
    await serve(
      bootstrap(
        appOf(() => streamWithContext(endless)),
        { logger: false },
      ),
      async url => {
        await leaveEarly(url)
        await logged(/^teardown/)
        await settled() // shows that nothing comes twice
      },
    )
    expect(log).toEqual([
      'after',
      'closed',
      `${TEARDOWN} AbortError: The client disconnected before the end of the response`,
    ])
  })

  test('[12.4] the AbortError has the code of Node’s', async () => {
    class App {
      @Route('/')
      index() {
        return streamWithContext(endless)
      }
      @TeardownRequest
      teardown(error?: NodeJS.ErrnoException) {
        log.push(['teardown', error instanceof Error, error?.code])
      }
    }
    await serve(bootstrap(App, { logger: false }), async url => {
      await leaveEarly(url)
      await logged(/^teardown/)
    })
    expect(log).toEqual(['closed', ['teardown', true, 'ABORT_ERR']])
  })

  test('[12.4] the client disconnects while the stream waits: the stream is closed at its next chunk', async () => {
    let hasLeft = false
    let release: () => void = () => undefined
    const gate = new Promise<void>(resolve => (release = resolve))
    const generate = async function* () {
      try {
        yield 'a'
        await gate
        yield 'b'
      } finally {
        log.push('closed')
      }
    }
    await serve(
      bootstrap(
        appOf(({ res }) => {
          res.once('close', () => (hasLeft = true))
          return streamWithContext(generate)
        }),
        { logger: false },
      ),
      async url => {
        await leaveEarly(url)
        await until('the server has seen the client leave', () => hasLeft)
        release()
        await logged('closed')
        await logged(/^teardown/)
      },
    )
    expect(log.filter(entry => String(entry).startsWith('teardown'))).toHaveLength(1)
  })

  test('[12.4] the client disconnected before the stream was made: teardown runs once', async () => {
    const view = async (ctx: Context) => {
      log.push('view')
      await once(ctx.res, 'close')
      return streamWithContext(chunks)
    }
    await serve(bootstrap(appOf(view), { logger: false }), async url => {
      const client = httpRequest(url).on('error', () => undefined)
      client.end()
      await logged('view')
      client.destroy()
      await logged(/^teardown/)
      await settled() // shows that it runs no second time
    })
    expect(log.filter(entry => String(entry).startsWith('teardown'))).toHaveLength(1)
  })

  test('[12.5] after methods and the session come before the first chunk', async () => {
    class App {
      @Route('/')
      index() {
        session.name = 'view'
        return streamWithContext(function* () {
          session.name = 'stream'
          yield session.name
        })
      }
    }
    const client = clientOf(App)
    expect((await client.get('/')).text).toBe('stream')
    expect(await client.session()).toEqual({ name: 'view' })
  })

  test('[12.6] an asynchronous teardown, after the body, does not hold the response back', async () => {
    const read = new EventEmitter()
    class App {
      @Route('/')
      index() {
        return streamWithContext(chunks)
      }
      @TeardownRequest
      async teardown() {
        await once(read, 'all')
        log.push('teardown has ended')
      }
    }
    await serve(bootstrap(App), async url => {
      expect(await (await fetch(url)).text()).toBe('abc')
      log.push('the client has it all')
      await logged('closed')
      await until('teardown waits', () => read.emit('all'))
      await logged('teardown has ended')
    })
    expect(log.slice(-2)).toEqual(['the client has it all', 'teardown has ended'])
  })

  test('[12.7] HEAD never starts it, and teardown runs without an error', async () => {
    await clientOf(appOf(() => streamWithContext(chunks))).head('/')
    await logged(TEARDOWN)
    await settled() // shows that nothing follows
    expect(log).toEqual(['after', TEARDOWN])
  })

  test('[12.7] HEAD closes its source', async () => {
    const source = Readable.from(['a'])
    await clientOf(appOf(() => streamWithContext(source))).head('/')
    await until('the source is closed', () => source.destroyed)
  })

  test('[6.8] from a 500 handler: teardown waits for its end and gets the error that was handled', async () => {
    class App {
      @Route('/')
      index(): string {
        throw new Error('from the view')
      }
      @ErrorHandler(500)
      failed() {
        return streamWithContext(chunks)
      }
      @TeardownRequest
      teardown(error?: Error) {
        log.push(`teardown ${error?.message}`)
      }
    }
    expect((await clientOf(App).get('/')).text).toBe('abc')
    await logged(/^teardown/)
    expect(log.slice(-2)).toEqual(['closed', 'teardown from the view'])
  })

  test('ctx.respond = false: a view may send it by hand', async () => {
    const view = (ctx: Context) => {
      ctx.respond = false
      streamWithContext(chunks).pipe(ctx.res)
      return ctx.response
    }
    await serve(bootstrap(appOf(view)), async url => {
      expect(await (await fetch(url)).text()).toBe('abc')
      await logged(TEARDOWN)
    })
    expect(log).toEqual(whole)
  })

  test('an error in teardown after a stream is emitted and changes nothing else', async () => {
    class App {
      @Route('/')
      index() {
        return streamWithContext(chunks)
      }
      @TeardownRequest
      first() {
        log.push('first')
      }
      @TeardownRequest
      last() {
        throw new Error('from teardown')
      }
    }
    const app = bootstrap(App, { logger: false })
    app.on('error', (error: Error) => log.push(error.message))
    await serve(app, async url => {
      expect(await (await fetch(url)).text()).toBe('abc')
      await logged('first')
    })
    expect(log.slice(-2)).toEqual(['from teardown', 'first'])
  })

  test('[7.9] two of them: teardown waits for the last', async () => {
    const one = () => streamWithContext(['1'])
    const view = () => {
      const head = one()
      return streamWithContext(async function* () {
        yield* head
        yield* chunks()
      })
    }
    expect((await clientOf(appOf(view)).get('/')).text).toBe('1abc')
    await logged(/^teardown/)
    expect(log).toEqual(whole)
  })
})

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a number', 5, '5'],
  ['an object', {}, 'an object of class Object'],
  ['a function that returns nothing', () => undefined, 'undefined'],
])('streamWithContext of %s is a TypeError', async (_, source, described) => {
  class App {
    @Route('/') index() {
      return streamWithContext(source as [])
    }
  }
  await expect(clientOf(App, { testing: true }).get('/')).rejects.toThrow(
    new TypeError(
      'streamWithContext(source): the source must be an iterable, a stream, or a function that returns one (function*, ' +
        `async function*), not ${described}`,
    ),
  )
})

describe('a stream that is not sent', () => {
  test('an after method replaces it by text: it is closed, and teardown runs', async () => {
    const replace = (response: Response) => {
      response.body = 'replaced'
      return response
    }
    for (const after of [replace, () => makeResponse('replaced')]) {
      log.length = 0
      expect((await clientOf(appOf(() => streamWithContext(chunks), after)).get('/')).text).toBe('replaced')
      await logged(TEARDOWN)
      await settled() // shows that nothing follows
      expect(log).toEqual(['after', TEARDOWN])
    }
  })

  test('an after method replaces it by another stream: it is closed, and teardown runs once, without an error', async () => {
    const source = Readable.from(['never'])
    const after = () => makeResponse(Readable.from(['replaced']))
    await serve(bootstrap(appOf(() => streamWithContext(source), after)), async url => {
      expect(await (await fetch(url)).text()).toBe('replaced')
      await logged(TEARDOWN)
      await until('the source is closed', () => source.destroyed)
      await settled() // shows that nothing comes twice
    })
    expect([log, source.destroyed]).toEqual([['after', TEARDOWN], true])
  })

  test('the view makes one and returns something else', async () => {
    const view = () => {
      streamWithContext(chunks)
      return 'text'
    }
    expect((await clientOf(appOf(view)).get('/')).text).toBe('text')
    await logged(TEARDOWN)
    await settled() // shows that nothing follows
    expect(log).toEqual(['after', TEARDOWN])
  })

  test('the view makes two and returns the first', async () => {
    const unused = Readable.from(['never'])
    const view = () => {
      const first = streamWithContext(chunks)
      streamWithContext(unused)
      return first
    }
    expect((await clientOf(appOf(view)).get('/')).text).toBe('abc')
    await logged(/^teardown/)
    await until('the other stream is closed', () => unused.destroyed)
    expect([log.at(-1), log.filter(entry => entry === TEARDOWN).length, unused.destroyed]).toEqual([TEARDOWN, 1, true])
  })

  test('the view makes one and fails', async () => {
    const view = () => {
      streamWithContext(chunks)
      throw new Error('from the view')
    }
    expect((await clientOf(appOf(view)).get('/')).status).toBe(500)
    await logged(/^teardown/)
    await settled() // shows that nothing follows
    expect(log).toEqual([`${TEARDOWN} Error: from the view`])
  })

  test('an after method fails: it is closed, an error handler answers, teardown gets the error', async () => {
    class App {
      @Route('/')
      index() {
        return streamWithContext(chunks)
      }
      @AfterRequest
      after(response: Response) {
        if (response.status === 200) throw new Error('from after')
        return response
      }
      @ErrorHandler(500)
      failed() {
        return makeResponse('handled', 500)
      }
      @TeardownRequest
      teardown(error?: Error) {
        log.push(`teardown ${error?.message}`)
      }
    }
    expect((await clientOf(App).get('/')).text).toBe('handled')
    await logged(/^teardown/)
    await settled() // shows that nothing follows
    expect(log).toEqual(['teardown from after'])
  })

  test('a stream that fails when it is closed changes nothing else', async () => {
    const view = (ctx: Context) => {
      ctx.body = new Readable({ destroy: (_, done) => done(new Error('from destroy')) })
      throw new Error('from the view')
    }
    expect((await clientOf(appOf(view)).get('/')).status).toBe(500)
    await logged(/^teardown/)
    await settled() // shows that nothing follows
    expect(log).toEqual([`${TEARDOWN} Error: from the view`])
  })

  test.each([204, 304])('the status %d has no body', async status => {
    await clientOf(appOf(() => makeResponse(streamWithContext(chunks), status))).get('/')
    await logged(TEARDOWN)
    await settled() // shows that nothing follows
    expect(log).toEqual(['after', TEARDOWN])
  })

  test('a source that is closed already', async () => {
    const source = Readable.from(chunks())
    source.destroy()
    const app = bootstrap(
      appOf(() => streamWithContext(source)),
      { logger: false },
    )
    await serve(app, async url => {
      await fetch(url).then(
        response => response.text(),
        () => undefined,
      )
      await logged(/^teardown/)
    })
    expect(log.filter(entry => String(entry).startsWith('teardown'))).toHaveLength(1)
  })
})

describe('a stream that an after method sends through another', () => {
  const upper = () =>
    new Transform({
      transform(chunk: Buffer, _, done) {
        done(null, chunk.toString().toUpperCase())
      },
    })
  async function* shout(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) yield chunk.toString().toUpperCase()
  }
  const ways: [string, (body: Readable) => unknown][] = [
    ['pipe', body => body.pipe(upper())],
    ['pipeline', body => pipeline(body, upper(), () => undefined)],
    ['a generator', body => Readable.from(shout(body as AsyncIterable<Buffer>))],
  ]
  const setters: [string, (response: Response, body: unknown) => unknown][] = [
    ['response.body', (response, body) => Object.assign(response, { body })],
    ['makeResponse', (_, body) => makeResponse(body as Readable)],
  ]
  const all = ways.flatMap(([way, through]) =>
    setters.map(([setter, set]) => [
      `${way}, ${setter}`,
      (response: Response) => set(response, through(response.body as Readable)),
    ]),
  ) as [string, (response: Response) => unknown][]

  test.each(all)('[12.2] keeps its context to the end: %s', async (_, after) => {
    await serve(bootstrap(appOf(() => streamWithContext(chunks), after)), async url => {
      expect(await (await fetch(url)).text()).toBe('ABC')
      await logged(TEARDOWN)
    })
    expect(log).toEqual(['after', 'a: Ada /', 'b: Ada /', 'c: Ada /', 'end: Ada /', 'closed', TEARDOWN])
  })

  test.each(all)('[12.1] a plain stream: %s', async (_, after) => {
    await serve(bootstrap(appOf(chunks, after)), async url => expect(await (await fetch(url)).text()).toBe('ABC'))
    expect(log.filter(entry => entry === TEARDOWN)).toHaveLength(1)
  })

  test.each(all)('[12.4] the client disconnects: %s', async (_, after) => {
    await serve(
      bootstrap(
        appOf(() => streamWithContext(endless), after),
        { logger: false },
      ),
      async url => {
        await leaveEarly(url)
        await logged(/^teardown/)
        await settled() // shows that nothing comes twice
      },
    )
    expect(log).toEqual([
      'after',
      'closed',
      `${TEARDOWN} AbortError: The client disconnected before the end of the response`,
    ])
  })

  test.each(all)('[12.7] HEAD: %s', async (_, after) => {
    await clientOf(appOf(() => streamWithContext(chunks), after)).head('/')
    await logged(TEARDOWN)
    await settled() // shows that it runs no second time
    expect(log.filter(entry => entry === TEARDOWN)).toHaveLength(1)
    expect(log).not.toContain('end: Ada /')
  })
})

describe('errors of a stream', () => {
  async function reportedBy(
    view: () => unknown,
    use: (url: string) => Promise<unknown>,
    options: BootstrapOptions = {},
  ): Promise<unknown[]> {
    const reported: unknown[] = []
    const logger = { error: ({ err }: LogEntry, message: string) => log.push(`logged ${message}: ${String(err)}`) }
    const app = bootstrap(appOf(view), { logger, ...options })
    app.on('error', (error: Error) => reported.push(error.message))
    await serve(app, async url => {
      await use(url)
      await sleep(5) // shows that no further error is reported
    })
    return reported
  }
  const read = (url: string) =>
    fetch(url).then(
      response => response.text().catch(() => undefined),
      () => undefined,
    )

  test.each<[string, () => unknown]>([
    ['a plain stream', failing],
    ['streamWithContext', () => streamWithContext(failing)],
  ])('an error midway is emitted and logged once: %s', async (_, view) => {
    expect(await reportedBy(view, read)).toEqual(['from the stream'])
    expect(log.filter(entry => String(entry).startsWith('logged'))).toEqual([
      'logged Exception in the body stream of / [GET]: from the stream: Error: from the stream',
    ])
  })

  test.each<[string, () => unknown, (url: string) => Promise<void>]>([
    ['a plain stream', endless, leaveEarly],
    ['a plain stream, by a reset', endless, reset],
    ['streamWithContext', () => streamWithContext(endless), leaveEarly],
    ['streamWithContext, by a reset', () => streamWithContext(endless), reset],
  ])('a client that leaves is no error of the application: %s', async (_, view, leave) => {
    const leaving = async (url: string) => {
      await leave(url)
      await logged('closed')
    }
    expect(await reportedBy(view, leaving)).toEqual([])
  })

  test('a connection that the stream itself loses is an error', async () => {
    const upstream = async function* () {
      yield 'a'
      await sleep(1)
      throw Object.assign(new Error('the database is gone'), { code: 'ECONNRESET' })
    }
    expect(await reportedBy(upstream, read)).toEqual(['the database is gone'])
  })

  test('a stream that closes before its end is an error', async () => {
    const view = () => {
      const stream = new PassThrough()
      stream.write('a')
      setTimeout(() => stream.destroy(), 5)
      return stream
    }
    expect(await reportedBy(view, read)).toEqual(['Premature close'])
  })

  test('the same in debug mode', async () => {
    expect(await reportedBy(failing, read, { debug: true })).toEqual(['from the stream'])
  })

  test('a stream that failed before it was sent: a 500, emitted once', async () => {
    const view = () => new PassThrough().destroy(new Error('dead'))
    let status = 0
    const reported = await reportedBy(view, async url => {
      status = await fetch(url).then(
        response => response.status,
        () => 0,
      )
    })
    expect([reported.length, status === 500 || status === 0]).toEqual([1, true])
  })
})

test(
  'a process that serves failing streams has no unhandled rejection and ends by itself',
  async () => {
    const { status, stdout, stderr } = await run('test/support/eventful.ts')
    expect({ status, stdout: stdout.trim(), stderr }).toEqual({
      status: 0,
      stdout:
        'The session store failed to set a session: set, from teardown, ' +
        'from the plain stream, from the stream, from the view',
      stderr: '',
    })
  },
  patience(6000),
)
