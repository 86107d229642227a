import { setTimeout as sleep } from 'node:timers/promises'
import { BeforeRequest, Get, abort, bootstrap, eventStream, g, makeResponse, session, type Context } from 'flaskoa'
import { ConnectionRefused, testClient } from 'flaskoa/testing'
import { webSocket, webSockets } from 'flaskoa/websocket'

class App {
  @BeforeRequest() begin(ctx: Context) {
    g.name = ctx.path
    if (ctx.query.refuse !== undefined) abort(401, 'log in')
  }
  @Get('/events') events(ctx: Context) {
    session.count = (session.count ?? 0) + 1
    return eventStream(async function* (lastEventId) {
      yield {
        event: 'start',
        data: `${ctx.get('Accept')} ${ctx.querystring} ${ctx.get('X-A')} ${lastEventId}`,
        retry: 20,
      }
      yield { id: 1 }
      yield { data: 'a\nb\n' }
      for (;;) {
        await sleep(1)
        yield { data: 1, id: '' }
      }
    })
  }
  @Get('/raw') raw() {
    return new Response('data:no space\n: comment\nunknown: x\ndata\nevent:e\n\nid: 5\n\ndata: cut', {
      headers: { 'Content-Type': 'text/event-stream' },
    })
  }
  @Get('/json') json() {
    return { a: 1 }
  }
  @Get('/redirected') redirected() {
    return makeResponse('', 200, { 'Content-Type': 'text/event-streams' })
  }
  @Get('/empty') empty() {
    return new Response(null)
  }
  @Get('/socket') socket(ctx: Context) {
    session.count = (session.count ?? 0) + 1
    return webSocket(
      async socket => {
        socket.send(`${ctx.host} ${ctx.protocol} ${ctx.querystring} ${ctx.get('X-A')} ${session.count}`)
        for await (const message of socket) socket.send(message)
      },
      { protocols: ['chat'] },
    )
  }
  @Get('/broken') broken(): never {
    throw new Error('broken')
  }
}
const appOf = (options = {}) =>
  bootstrap(App, { logger: false, secretKey: 'k', extensions: [webSockets()], ...options })

describe('client.eventStream', () => {
  test('reads the events of an endless stream one by one', async () => {
    const client = testClient(appOf())
    const stream = await client.eventStream('/events', {
      query: { n: [1, 2] },
      headers: { 'x-a': 'b' },
      lastEventId: 'é',
    })
    expect([stream.response.status, stream.response.header('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ])
    expect(await stream.next()).toEqual({ event: 'start', data: 'text/event-stream n=1&n=2 b é', id: '' })
    expect(stream.retry).toBe(20)
    expect(await stream.next()).toEqual({ event: 'message', data: 'a\nb\n', id: '1' })
    let count = 0
    for await (const { data, id } of stream) {
      expect([data, id]).toEqual(['1', ''])
      if (++count === 3) break
    }
    expect(client.g).toEqual({ name: '/events' })
    expect(await stream.next()).toBeUndefined()
    await stream.close()
    expect(await client.session()).toEqual({ count: 1 })
  })

  test('reads any stream of events as a browser does', async () => {
    const stream = await testClient(appOf()).eventStream('/raw')
    const seen = []
    for await (const event of stream) seen.push(event)
    expect(seen).toEqual([{ event: 'e', data: 'no space\n', id: '' }])
  })

  test.each([
    ['/json', 200, '{"a":1}'],
    ['/redirected', 200, ''],
    ['/empty', 200, ''],
    ['/events?refuse', 401, 'log in'],
    ['/unknown', 404, 'Not Found'],
  ])('%s is refused with the response', async (path, status, text) => {
    const error = await testClient(appOf())
      .eventStream(path)
      .catch((error: unknown) => error as ConnectionRefused)
    expect(error).toBeInstanceOf(ConnectionRefused)
    const { response, message } = error as ConnectionRefused
    expect([response.status, response.text]).toEqual([status, expect.stringContaining(text)])
    expect(message).toContain(`client.eventStream("${path}") was answered with ${status}: `)
  })

  test('rejects with an error of the application where exceptions propagate', async () => {
    await expect(testClient(appOf({ testing: true })).eventStream('/broken')).rejects.toThrow('broken')
  })
})

describe('client.webSocket', () => {
  test('speaks to a view as a browser does, with the cookies of the client', async () => {
    const client = testClient(appOf(), { baseUrl: 'https://app.example:8443', headers: { 'x-a': 'b' } })
    const options = { query: { n: 1 }, headers: { origin: 'https://app.example:8443' }, protocols: ['chat'] }
    for (const count of [1, 2]) {
      const socket = await client.webSocket('/socket', options)
      expect([socket.response.status, socket.protocol]).toEqual([101, 'chat'])
      expect(await socket.receive()).toBe(`app.example:8443 https n=1 b ${count}`)
      socket.send('text')
      socket.send(Buffer.from([1]))
      const received = []
      for await (const message of socket) {
        if (received.push(message) === 2) break
      }
      expect(received).toEqual(['text', Buffer.from([1])])
      expect(await socket.close(3000, 'done')).toEqual({ code: 3000, reason: 'done' })
      expect(client.g).toEqual({ name: '/socket' })
    }
  })

  test('terminate is a client that loses its network', async () => {
    const socket = await testClient(appOf()).webSocket('/socket')
    await socket.receive()
    expect((await socket.terminate()).code).toBe(1006)
    expect(await socket.receive()).toBeUndefined()
  })

  test('is refused with the response, whose cookies are kept', async () => {
    const client = testClient(appOf())
    await client.session(session => {
      session.count = 5
    })
    await expect(client.webSocket('/socket?refuse')).rejects.toMatchObject({
      name: 'ConnectionRefused',
      response: { status: 401 },
    })
    await expect(client.webSocket('/json')).rejects.toThrow('client.webSocket("/json") was answered with 200: {"a":1}')
    expect(await client.session()).toEqual({ count: 5 })
  })

  test('rejects with an error of the application where exceptions propagate', async () => {
    await expect(testClient(appOf({ testing: true })).webSocket('/broken')).rejects.toThrow('broken')
  })

  test('is no use to a Koa middleware that breaks off the connection', async () => {
    const app = appOf({ middleware: [(ctx: Context) => void ctx.req.socket.destroy()] })
    await expect(testClient(app).webSocket('/socket')).rejects.toThrow('socket hang up')
  })
})

test.each<[string, (client: ReturnType<typeof testClient>) => Promise<unknown>, string]>([
  [
    'a path',
    client => client.webSocket(1 as never),
    "client.webSocket(1): the path must be a text, such as '/', not 1",
  ],
  [
    'a path',
    client => client.eventStream({} as never),
    'client.eventStream(an object of class Object): the path must be',
  ],
  [
    'an option',
    client => client.webSocket('/', { protocol: 1 } as never),
    "there is no option 'protocol'. Did you mean 'protocols'?",
  ],
  [
    'protocols',
    client => client.webSocket('/', { protocols: 'a' as never }),
    'protocols must be a list of texts, not "a"',
  ],
  ['an id', client => client.eventStream('/', { lastEventId: 5 as never }), 'lastEventId must be a text, not 5'],
])('%s that is wrong is a TypeError', async (_, act, message) => {
  await expect(act(testClient(appOf()))).rejects.toThrow(message)
})

test('a web socket that is closed leaves no timer behind, which would keep the process of the tests for 30 seconds', async () => {
  const started = jest.spyOn(globalThis, 'setTimeout')
  const cleared = jest.spyOn(globalThis, 'clearTimeout')
  const socket = await testClient(appOf()).webSocket('/socket')
  await socket.receive()
  socket.send('a')
  await socket.receive()
  await socket.close()
  const timers = started.mock.results.filter((_, index) => started.mock.calls[index]?.[1] === 30_000)
  expect(timers.length).toBeGreaterThan(0)
  expect(cleared.mock.calls.map(([timer]) => timer)).toEqual(expect.arrayContaining(timers.map(({ value }) => value)))
  started.mockRestore()
  cleared.mockRestore()
})
