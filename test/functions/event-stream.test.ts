import { once } from 'node:events'
import { get, request as httpRequest, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import compress from 'koa-compress'
import {
  AfterResponse,
  Get,
  TeardownRequest,
  bootstrap,
  eventStream,
  g,
  gracefulShutdown,
  session,
  type BootstrapOptions,
  type EventStreamOptions,
  type Outcome,
  type ServerEvent,
} from 'flaskoa'
import { testClient, testRequestContext } from 'flaskoa/testing'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { portOf, serve, serveHttp2 } from '../support/serve'
import { until } from '../support/until'

type Source = Parameters<typeof eventStream>[0]

/** How many requests have not ended. Otherwise the end of one would be in the log of the next test. */
let open = 0
beforeEach(() => {
  open = 0
})
afterEach(() => until('all requests have ended', () => open === 0))

/** An application whose one view sends the events of `source`. What the request sees of its end is in the log. */
function appOf(source: Source, streamOptions?: EventStreamOptions, options: BootstrapOptions = {}) {
  class App {
    @Get('/') events() {
      open++
      g.name = 'kept'
      return eventStream(source, streamOptions)
    }
    @TeardownRequest() teardown(error: Error | undefined) {
      note(`teardown ${error?.name ?? ''}`.trim())
    }
    @AfterResponse() outcome({ status, aborted, error }: Outcome) {
      note(`${status} ${aborted ? 'aborted' : 'whole'} ${error?.message ?? ''}`.trim())
      open--
    }
  }
  return bootstrap(App, { logger: false, secretKey: 'k', ...options })
}

const sent = async (...events: unknown[]): Promise<string> => {
  const client = testClient(appOf(() => events as ServerEvent[]))
  const { text } = await client.get('/')
  expect(text.startsWith(':\n\n')).toBe(true)
  return text.slice(3)
}

describe('the text of an event', () => {
  test.each<[unknown, string]>([
    ['hello', 'data: hello\n\n'],
    ['', 'data: \n\n'],
    ['a\nb\r\nc\rd\n', 'data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n'],
    [{ data: 'a\nb' }, 'data: a\ndata: b\n\n'],
    [{ data: { a: ['ü'] } }, 'data: {"a":["ü"]}\n\n'],
    [{ data: null }, 'data: null\n\n'],
    [{ data: 0 }, 'data: 0\n\n'],
    [{ event: 'tick', data: '1', id: 5, retry: 100 }, 'event: tick\nid: 5\nretry: 100\ndata: 1\n\n'],
    [{ id: 'é' }, 'id: é\n\n'],
    [{ id: '', data: undefined }, 'id: \n\n'],
    [{ retry: 0 }, 'retry: 0\n\n'],
  ])('%j', async (event, text) => {
    expect(await sent(event)).toBe(text)
  })

  test.each<[unknown, string]>([
    [5, "eventStream: yield a text or { event: 'tick', data: 'text', id: 5 }, not 5"],
    [undefined, 'not undefined'],
    [['a'], 'not an object of class Array'],
    [{}, 'an event needs one of event, id, retry, data'],
    [{ data: undefined }, 'an event needs one of event, id, retry, data'],
    [{ dat: 1 }, "an event has no 'dat': it may have event, id, retry, data"],
    [{ event: 'a\nb', data: '' }, 'the event of an event must be a text without line breaks, not "a\\nb"'],
    [{ event: 1, data: '' }, 'the event of an event must be a text without line breaks, not 1'],
    [{ id: 'a\rb' }, 'the id of an event must be a text without line breaks and NUL, not "a\\rb"'],
    [{ id: 'a\0' }, 'the id of an event must be a text without line breaks and NUL'],
    [{ id: NaN }, 'the id of an event must be a text without line breaks and NUL, not NaN'],
    [{ retry: 1.5 }, 'retry must be a whole number of milliseconds from 0 up, not 1.5'],
    [{ retry: -1 }, 'retry must be a whole number of milliseconds from 0 up, not -1'],
    [{ data: () => 1 }, 'the data of an event must be a text or a JSON value, not the function data'],
  ])('%p ends the stream with a TypeError', async (event, message) => {
    const errors: Error[] = []
    const gate = new Gate()
    const app = appOf(async function* () {
      try {
        yield 'first'
        await gate.pass()
        yield event as ServerEvent
      } finally {
        note('finally')
      }
    })
    app.on('error', (error: Error) => errors.push(error))
    const stream = await testClient(app, { propagateExceptions: false }).eventStream('/')
    expect(await stream.next()).toEqual({ event: 'message', data: 'first', id: '' })
    gate.open()
    await expect(stream.next()).rejects.toThrow('aborted')
    await until('the request has ended', () => log.length === 3)
    expect(errors.map(String)).toEqual([expect.stringContaining(`TypeError: eventStream: `)])
    expect(String(errors[0])).toContain(message)
    expect(log.slice(0, 2)).toEqual(['finally', 'teardown TypeError'])
  })
})

test('the fields of the response', async () => {
  const { status, headers } = await testClient(appOf(() => ['a'])).get('/')
  expect([status, headers['content-type'], headers['cache-control'], headers['x-accel-buffering']]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
    'no-cache, no-transform',
    'no',
  ])
})

test('g and session are there while it runs, and the request ends once, behind the last event', async () => {
  const app = appOf(async function* () {
    yield g.name as string
    await sleep(1)
    yield `${g.name} ${JSON.stringify(session)}`
    note('source')
  })
  const stream = await testClient(app).eventStream('/')
  const seen = []
  for await (const { data } of stream) seen.push(data)
  expect(seen).toEqual(['kept', 'kept {}'])
  await until('the request has ended', () => log.length === 3)
  expect(log).toEqual(['source', 'teardown', '200 whole'])
})

describe('resumption', () => {
  test.each<[string | undefined, unknown]>([
    [undefined, undefined],
    ['', undefined],
    ['7', '7'],
    ['é 7', 'é 7'],
  ])('Last-Event-ID %j', async (lastEventId, id) => {
    const app = appOf(last => [{ data: last ?? null }])
    const stream = await testClient(app).eventStream('/', lastEventId === undefined ? {} : { lastEventId })
    const event = await stream.next()
    await stream.close()
    expect(event?.data).toBe(id ?? 'null')
  })
})

test('comments while the source is silent, and then its event', async () => {
  const gate = new Gate()
  const app = appOf(
    async function* () {
      await gate.pass()
      yield 'late'
    },
    { heartbeat: 1 },
  )
  await serve(app, async url => {
    const [response] = (await once(get(url), 'response')) as [IncomingMessage]
    let text = ''
    for await (const chunk of response.setEncoding('utf8')) {
      text += chunk as string
      if (text.length >= 3 * 5) gate.open()
    }
    expect(text).toMatch(/^(?::\n\n){5,}data: late\n\n$/)
  })
})

test('an event that comes while the connection takes no more waits for it', async () => {
  const gate = new Gate()
  await testRequestContext(
    appOf(() => []),
    '/',
    async () => {
      const source: Source = async function* () {
        await gate.pass()
        yield 'late'
      }
      const stream = eventStream(source, { heartbeat: 1 })
      expect(await once(stream, 'readable').then(() => String(stream.read()))).toBe(':\n\n')
      await gate.reached
      await until('a comment fills the buffer', () => stream.readableLength > 0)
      gate.open()
      await settled()
      let text = ''
      for await (const chunk of stream) text += String(chunk)
      expect(text).toBe(':\n\ndata: late\n\n')
    },
  )
})

test('no comments with heartbeat: 0', async () => {
  const gate = new Gate()
  const app = appOf(
    async function* () {
      await gate.pass()
      yield 'late'
    },
    { heartbeat: 0 },
  )
  const response = testClient(app).get('/')
  await gate.reached
  await settled()
  gate.open()
  expect((await response).text).toBe(':\n\ndata: late\n\n')
})

describe('the client disconnects', () => {
  test('while the source waits for the signal: its finally runs before teardown', async () => {
    const app = appOf(async function* (_, signal) {
      try {
        yield 'first'
        await sleep(1_000_000, undefined, { signal })
      } finally {
        note(`finally ${g.name}`)
      }
    })
    const errors: unknown[] = []
    app.on('error', error => errors.push(error))
    const stream = await testClient(app).eventStream('/')
    for await (const { data } of stream) {
      expect(data).toBe('first')
      break
    }
    await until('the request has ended', () => log.length === 3)
    expect(log).toEqual(['finally kept', 'teardown AbortError', '200 aborted'])
    expect(errors).toEqual([])
  })

  test('while the source waits for ctx.signal, and for events that stop without an error', async () => {
    for (const wait of [
      (signal: AbortSignal) => once(signal, 'abort'),
      (signal: AbortSignal) => sleep(1_000_000, undefined, { signal }),
    ]) {
      log.length = 0
      class App {
        @Get('/') events(ctx: { readonly signal: AbortSignal }) {
          return eventStream(async function* () {
            try {
              yield 'first'
              await wait(ctx.signal)
            } finally {
              note('finally')
            }
          })
        }
        @TeardownRequest() teardown(error: Error | undefined) {
          note(`teardown ${error?.name}`)
        }
      }
      const stream = await testClient(bootstrap(App, { logger: false })).eventStream('/')
      await stream.next()
      await stream.close()
      await until('teardown has run', () => log.length === 2)
      expect(log).toEqual(['finally', 'teardown AbortError'])
    }
  })

  test('and the finally of the source fails: that is reported', async () => {
    const app = appOf(async function* (_, signal) {
      try {
        yield 'first'
        await sleep(1_000_000, undefined, { signal })
      } finally {
        // eslint-disable-next-line no-unsafe-finally -- as a mistake of an application
        throw new Error('from finally')
      }
    })
    const errors: unknown[] = []
    app.on('error', error => errors.push(String(error)))
    const stream = await testClient(app, { propagateExceptions: false }).eventStream('/')
    await stream.next()
    await stream.close()
    await until('the request has ended', () => log.length === 2)
    expect(errors).toEqual(['Error: from finally'])
  })

  test('and a source that is between two events fails at its end: that is reported, too', async () => {
    const app = appOf(() => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false, value: 'x'.repeat(100_000) }),
        return: () => Promise.reject(new Error('from return')),
      }),
    }))
    const errors: unknown[] = []
    app.on('error', error => errors.push(String(error)))
    const stream = await testClient(app, { propagateExceptions: false }).eventStream('/')
    await stream.next()
    await stream.close()
    await until('the request has ended', () => log.length === 2)
    expect(errors).toEqual(['Error: from return'])
  })
})

test('a source that throws ends the stream: its client sees that it is incomplete', async () => {
  const gate = new Gate()
  const app = appOf(
    async function* () {
      yield 'first'
      await gate.pass()
      throw new Error('from the source')
    },
    {},
    { testing: true },
  )
  const stream = await testClient(app).eventStream('/')
  await stream.next()
  gate.open()
  await expect(stream.next()).rejects.toThrow('aborted')
  await expect(stream.close()).rejects.toThrow('from the source')
  await until('the request has ended', () => log.length === 2)
  expect(log).toEqual(['teardown Error', '200 aborted from the source'])
})

describe('a shutdown', () => {
  test('ends the stream as a whole, and its source', async () => {
    const app = appOf(async function* (_, signal) {
      try {
        yield 'first'
        await once(signal, 'abort')
        yield 'never sent'
      } finally {
        note('finally')
      }
    })
    const server = app.listen(0, '127.0.0.1')
    const { close, uninstall } = gracefulShutdown(server)
    uninstall()
    await once(server, 'listening')
    const [response] = (await once(get(`http://127.0.0.1:${portOf(server)}/`), 'response')) as [IncomingMessage]
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    const end = once(response, 'end')
    await until('the first event has come', () => text.includes('first'))
    await close()
    await end
    expect([text, response.complete]).toEqual([':\n\ndata: first\n\n', true])
    expect(log).toEqual(['finally', 'teardown', '200 whole'])
  })

  test('that has begun before: the stream is empty', async () => {
    const app = appOf(() => ['never sent'])
    const server = app.listen(0, '127.0.0.1')
    const { close, uninstall } = gracefulShutdown(server)
    uninstall()
    await once(server, 'listening')
    await close()
    expect((await testClient(app).get('/')).text).toBe('')
    await until('the request has ended', () => log.length === 2)
    expect(log).toEqual(['teardown', '200 whole'])
  })
})

test('a client that does not read makes the source wait', async () => {
  let asked = 0
  const app = appOf(function* () {
    for (;;) {
      asked++
      yield 'x'.repeat(10_000)
    }
  })
  await serve(app, async url => {
    const request = httpRequest(url).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.pause()
    let before = -1
    // The buffers of the sockets are full when a while passes without another event.
    await until('the source waits', async () => {
      const isStill = before === asked
      before = asked
      await sleep(20)
      return isStill && before === asked
    })
    response.resume()
    await until('it goes on', () => asked > before)
    response.destroy()
    await until('the request has ended', () => log.length === 2)
  })
})

test('koa-compress sends each event at once, as it is', async () => {
  const gate = new Gate()
  const source: Source = async function* () {
    yield 'x'.repeat(2000)
    await gate.pass()
  }
  const app = appOf(source, {}, { middleware: [compress()] })
  const stream = await testClient(app, { headers: { 'accept-encoding': 'gzip' } }).eventStream('/')
  expect((await stream.next())?.data).toHaveLength(2000)
  expect(stream.response.header('content-encoding')).toBeUndefined()
  gate.open()
  expect(await stream.next()).toBeUndefined()
})

test('HTTP/2', async () => {
  const app = appOf(async function* (lastEventId, signal) {
    try {
      yield { data: lastEventId, id: 8 }
      await once(signal, 'abort')
    } finally {
      note('finally')
    }
  })
  await serveHttp2(app, async client => {
    const stream = client.request({ ':path': '/', 'last-event-id': '7' })
    const [headers] = (await once(stream, 'response')) as [Record<string, string>]
    expect(headers['content-type']).toBe('text/event-stream; charset=utf-8')
    let text = ''
    for await (const chunk of stream.setEncoding('utf8')) {
      text += chunk as string
      if (text.endsWith('data: 7\n\n')) break
    }
    expect(text).toBe(':\n\nid: 8\ndata: 7\n\n')
    await until('the request has ended', () => log.length === 3)
    expect(log).toEqual(['finally', 'teardown AbortError', '200 aborted'])
  })
})

test('HEAD has the fields, and does not start the source', async () => {
  const app = appOf(async function* () {
    note('started')
    yield await Promise.resolve('a')
  })
  const { status, headers, text } = await testClient(app).head('/')
  expect([status, headers['content-type'], text]).toEqual([200, 'text/event-stream; charset=utf-8', ''])
  await until('the request has ended', () => log.length === 2)
  expect(log).toEqual(['teardown', '200 whole'])
})

describe('mistakes', () => {
  test.each<[string, () => unknown, string]>([
    [
      'no function',
      () => eventStream([] as never),
      'eventStream(async function* () { … }): the last argument must be a function',
    ],
    ['a text', () => eventStream(() => 'text'), 'must return an iterable of events'],
    ['a promise', () => eventStream((async () => Promise.resolve([])) as never), 'not an object of class Promise'],
    ['nothing', () => eventStream((() => undefined) as never), 'not undefined'],
    [
      'an option',
      () => eventStream(() => [], { heartbeet: 1 } as never),
      "there is no option 'heartbeet'. Did you mean 'heartbeat'?",
    ],
    [
      'a heartbeat',
      () => eventStream(() => [], { heartbeat: -1 }),
      'heartbeat must be a whole number of milliseconds from 0 to 2147483647, not -1',
    ],
  ])('%s', async (_, act, message) => {
    await testRequestContext(
      appOf(() => []),
      '/',
      () => {
        expect(act).toThrow(message)
        expect(act).toThrow(TypeError)
      },
    )
  })

  test('a source that throws at once is answered by the error rules', async () => {
    const app = appOf(() => {
      throw new Error('at once')
    })
    const { status, headers } = await testClient(app, { propagateExceptions: false }).get('/')
    expect([status, headers['content-type']]).toEqual([500, 'text/html; charset=utf-8'])
  })

  test('outside of a request', () => {
    expect(() => eventStream(() => [])).toThrow('eventStream() was used outside of a request')
  })
})
