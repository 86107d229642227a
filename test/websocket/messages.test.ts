import { once } from 'node:events'
import { type connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Get, TeardownRequest, bootstrap, g, session, type Context } from 'flaskoa'
import { testClient } from 'flaskoa/testing'
import { webSocket, webSockets, type WebSocketConnection } from 'flaskoa/websocket'
import { Gate, settled } from '../support/gate'
import { log, note } from '../support/log'
import { serve } from '../support/serve'
import { until } from '../support/until'
import { appOf, echo, headOf, open, raw } from './support'

test('texts and bytes, in both directions', async () => {
  await serve(
    appOf(async socket => {
      for await (const message of socket) socket.send(typeof message === 'string' ? `${message}!` : message)
    }),
    async url => {
      const { client, closed } = await open(url)
      const messages: unknown[] = []
      client.on('message', (data: Buffer, isBinary) => messages.push(isBinary ? data : String(data)))
      client.send('grüße')
      client.send('')
      client.send(Buffer.from([0, 255]))
      await until('the answers are there', () => messages.length === 3)
      expect(messages).toEqual(['grüße!', '!', Buffer.from([0, 255])])
      client.close(4000, 'bye')
      expect(await closed).toEqual([4000, 'bye'])
      await until('the request has ended', () => log.length === 2)
      expect(log).toEqual(['teardown', '101 4000 whole'])
    },
  )
})

test('each type of bytes can be sent', async () => {
  const socket = await testClient(
    appOf(socket => {
      socket.send(Buffer.from('a'))
      socket.send(new TextEncoder().encode('b'))
      socket.send(new TextEncoder().encode('c').buffer)
    }),
  ).webSocket('/')
  const received = []
  for await (const message of socket) received.push(message)
  expect(received).toEqual(['a', 'b', 'c'].map(each => Buffer.from(each)))
})

test('the connection lasts as long as the handler', async () => {
  const gate = new Gate()
  const app = appOf(async socket => {
    socket.send('first')
    await gate.pass()
    socket.send('last')
  })
  const socket = await testClient(app).webSocket('/')
  expect(await socket.receive()).toBe('first')
  gate.open()
  expect(await socket.receive()).toBe('last')
  expect(await socket.receive()).toBeUndefined()
  expect(await socket.ended()).toEqual({ code: 1000, reason: '' })
})

test('a handler that only sends waits for the end', async () => {
  const app = appOf(async socket => {
    const timer = setInterval(() => socket.send('tick'), 1)
    const { code, reason } = await socket.closed
    clearInterval(timer)
    note(`${code} ${reason} ${socket.isOpen}`)
  })
  const socket = await testClient(app).webSocket('/')
  expect(await socket.receive()).toBe('tick')
  await socket.close(3001, 'enough')
  expect(log[0]).toBe('3001 enough false')
})

test('closing with a code and a reason, and using the socket afterwards', async () => {
  const app = appOf(async socket => {
    expect(socket.isOpen).toBe(true)
    socket.close(4001, 'reason')
    socket.close()
    expect([socket.isOpen, socket.send('late'), await socket.receive()]).toEqual([false, false, undefined])
    await socket.drained()
    await socket.closed
    expect([socket.send('later'), await socket.receive()]).toEqual([false, undefined])
    for await (const message of socket) note(String(message))
    socket.close()
    note('done')
  })
  const socket = await testClient(app).webSocket('/')
  expect(await socket.ended()).toEqual({ code: 4001, reason: 'reason' })
  await until('the request has ended', () => log.length === 3)
  expect(log).toEqual(['done', 'teardown', '101 4001 whole'])
})

test('a socket that is used after its request has ended', async () => {
  let kept: WebSocketConnection | undefined
  const app = appOf(socket => {
    kept = socket
  })
  await (await testClient(app).webSocket('/')).ended()
  expect(kept?.send('late')).toBe(false)
  expect(await kept?.receive()).toBeUndefined()
  kept?.close()
})

test.each<[string, (socket: WebSocketConnection) => unknown, string]>([
  [
    'an object',
    socket => socket.send({ a: 1 } as never),
    'the message must be a text or bytes, not an object of class Object: JSON.stringify',
  ],
  ['a number', socket => socket.send(1 as never), 'the message must be a text or bytes, not 1'],
  ['a code', socket => socket.close(1001), 'the code must be 1000 or 3000 to 4999, not 1001'],
  ['a code above', socket => socket.close(5000), 'the code must be 1000 or 3000 to 4999, not 5000'],
  ['no number', socket => socket.close('1000' as never), 'not "1000"'],
  ['a long reason', socket => socket.close(1000, 'é'.repeat(62)), 'the reason must be a text of at most 123 bytes'],
  ['a reason', socket => socket.close(1000, 5 as never), 'the reason must be a text'],
])('%s is a TypeError', async (_, act, message) => {
  const app = appOf(socket => {
    expect(() => act(socket)).toThrow(TypeError)
    expect(() => act(socket)).toThrow(message)
  })
  await (await testClient(app).webSocket('/')).ended()
})

describe('limits', () => {
  test('a message that is too long closes with 1009, and is no error of the application', async () => {
    const errors: unknown[] = []
    const app = appOf(echo, {}, { socket: { maxMessageSize: 10 } })
    app.on('error', error => errors.push(error))
    const socket = await testClient(app).webSocket('/')
    socket.send('x'.repeat(10))
    expect(await socket.receive()).toHaveLength(10)
    socket.send('x'.repeat(11))
    expect((await socket.ended()).code).toBe(1009)
    await until('the request has ended', () => log.length === 2)
    expect(log).toEqual(['teardown', '101 1009 whole'])
    expect(errors).toEqual([])
  })

  test('1 MiB by default, and as the extension says', async () => {
    for (const [all, limit] of [
      [{}, 2 ** 20],
      [{ maxMessageSize: 20 }, 20],
      [{ maxMessageSize: undefined } as never, 2 ** 20],
    ] as const) {
      const client = testClient(appOf(socket => socket.receive(), {}, { all }))
      const good = await client.webSocket('/')
      good.send('x'.repeat(limit))
      expect((await good.ended()).code).toBe(1000)
      const bad = await client.webSocket('/')
      bad.send('x'.repeat(limit + 1))
      expect((await bad.ended()).code).toBe(1009)
    }
  })

  test.each<[string, Buffer, number]>([
    ['a frame that is not masked', Buffer.from([0x81, 0x01, 0x61]), 1002],
    ['a text that is no UTF-8', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]), 1007],
  ])('%s closes the connection', async (_, frame, code) => {
    await serve(appOf(echo), async url => {
      const { client, closed } = await open(url)
      const { _socket: socket } = client as unknown as { _socket: ReturnType<typeof connect> }
      socket.write(frame)
      expect((await closed)[0]).toBe(code)
      await until('the request has ended', () => log.length === 2)
      expect(log).toEqual(['teardown', `101 ${code} whole`])
    })
  })
})

test('a handler that takes no messages makes the client wait, and loses none', async () => {
  const gate = new Gate()
  let count = 0
  const app = appOf(
    async socket => {
      await gate.pass()
      for await (const message of socket) count += message.length
    },
    {},
    { socket: { pingInterval: 5 } },
  )
  await serve(app, async url => {
    const { client, closed } = await open(url)
    const message = 'x'.repeat(100_000)
    for (let index = 0; index < 200; index++) client.send(message)
    await gate.reached
    // Longer than a ping may take: while the messages wait, no answer to it can be read.
    await sleep(50)
    expect(client.bufferedAmount).toBeGreaterThan(0)
    gate.open()
    client.close()
    expect((await closed)[0]).toBe(1005)
    await until('the request has ended', () => log.length === 2)
    expect([count, log]).toEqual([200 * message.length, ['teardown', '101 1005 whole']])
  })
})

test('drained waits for a client that does not read', async () => {
  const app = appOf(async socket => {
    await socket.drained()
    for (let index = 0; index < 200; index++) socket.send('x'.repeat(100_000))
    note('sent')
    await Promise.all([socket.drained(), socket.drained()])
    note('drained')
  })
  await serve(app, async url => {
    const { client, closed } = await open(url)
    client.pause()
    await until('all is sent', () => log.length === 1)
    await settled()
    expect(log).toEqual(['sent'])
    client.resume()
    expect((await closed)[0]).toBe(1000)
    expect(log[1]).toBe('drained')
  })
})

describe('a handler that never stops lets the process do other things', () => {
  /** Runs `round` until a callback of the event loop has run, but not for ever. */
  const roundsUntilOthersRun = async (round: () => Promise<unknown>) => {
    let haveOthersRun = false
    setImmediate(() => (haveOthersRun = true))
    let rounds = 0
    while (!haveOthersRun && rounds < 100) {
      await round()
      rounds++
    }
    return rounds
  }

  test('while it sends, and the network takes all at once', async () => {
    const app = appOf(async socket => {
      const rounds = await roundsUntilOthersRun(() => {
        socket.send('x')
        return socket.drained()
      })
      note(`${rounds < 100}`)
    })
    await serve(app, async url => {
      const { closed } = await open(url)
      await closed
      expect(log[0]).toBe('true')
    })
  })

  test.each<[string, (socket: WebSocketConnection) => Promise<unknown>]>([
    ['receives', socket => socket.receive()],
    ['sends', socket => (socket.send('x'), socket.drained())],
  ])('while it %s, and the connection is closed', async (_, act) => {
    const app = appOf(async socket => {
      await socket.closed
      const rounds = await roundsUntilOthersRun(() => act(socket))
      note(`${rounds < 100}`)
    })
    const socket = await testClient(app).webSocket('/')
    await socket.close()
    expect(log[0]).toBe('true')
  })
})

describe('pings', () => {
  test('keep a client that answers', async () => {
    await serve(appOf(echo, {}, { socket: { pingInterval: 5 } }), async url => {
      const { client, closed } = await open(url)
      // Also if the process is so busy that the next ping is due before the answer to the last one was read.
      client.on('ping', () => {
        const end = performance.now() + 10
        while (performance.now() < end);
      })
      for (let count = 0; count < 5; count++) await once(client, 'ping')
      client.send('still here')
      const [message] = (await once(client, 'message')) as [Buffer]
      expect(String(message)).toBe('still here')
      client.close()
      await closed
    })
  })

  test('disconnect one that does not', async () => {
    await serve(appOf(echo, {}, { all: { pingInterval: 5 } }), async url => {
      const { closed } = await open(url, { autoPong: false })
      expect((await closed)[0]).toBe(1006)
      await until('the request has ended', () => log.length === 2)
      expect(log).toEqual(['teardown AbortError', '101 1006 aborted'])
    })
  })

  test('are not sent with pingInterval: 0, nor while the connection closes', async () => {
    const app = appOf(echo, {}, { socket: { pingInterval: 0 } })
    const socket = await testClient(app).webSocket('/')
    expect(await socket.close()).toEqual({ code: 1000, reason: '' })
    // This client never answers the close, and the timer of the pings goes on until the connection is gone.
    const closing = appOf(socket => socket.close(), {}, { socket: { pingInterval: 1, closeTimeout: 50 } })
    await serve(closing, async url => {
      const client = await raw(url)
      await headOf(client)
      await until('the request has ended', () => log.at(-1) === '101 1006 aborted')
      client.destroy()
    })
  })
})

test('g and session are there behind each await', async () => {
  class App {
    @Get('/') socket() {
      g.name = 'kept'
      session.count = 5
      return webSocket(async socket => {
        for await (const message of socket) {
          await sleep(1)
          socket.send(`${String(message)} ${g.name} ${session.count}`)
        }
        note(`at the end ${g.name}`)
      })
    }
    @TeardownRequest() teardown() {
      note(`teardown ${g.name}`)
    }
  }
  const app = bootstrap(App, { logger: false, secretKey: 'k', extensions: [webSockets()] })
  const socket = await testClient(app).webSocket('/')
  socket.send('hello')
  expect(await socket.receive()).toBe('hello kept 5')
  await socket.close()
  expect(log).toEqual(['at the end kept', 'teardown kept'])
})

test('many at once', async () => {
  const room = new Set<WebSocketConnection>()
  const app = appOf(async socket => {
    room.add(socket)
    for await (const message of socket) for (const each of room) each.send(message)
    room.delete(socket)
  })
  await serve(app, async url => {
    const clients = await Promise.all(Array.from({ length: 50 }, () => open(url)))
    let received = 0
    for (const { client } of clients) client.on('message', () => received++)
    for (const { client } of clients) client.send('hello')
    await until('each has each message', () => received === 50 * 50)
    for (const [index, { client }] of clients.entries()) {
      if (index % 2 === 0) client.close()
      else client.terminate()
    }
    await Promise.all(clients.map(({ closed }) => closed))
    await until('all requests have ended', () => log.length === 100)
    expect(room.size).toBe(0)
    expect(log.filter(each => each.startsWith('teardown'))).toHaveLength(50)
    expect(log.filter(each => each === '101 1006 aborted')).toHaveLength(25)
    expect(log.filter(each => each === '101 1005 whole')).toHaveLength(25)
  })
})

test('with asyncContext: false, g is there until the first await, and ctx.g everywhere', async () => {
  class App {
    @Get('/') socket(ctx: Context) {
      g.name = 'kept'
      return webSocket(async socket => {
        socket.send(`${g.name}`)
        await sleep(1)
        socket.send(`${ctx.g.name}`)
      })
    }
    @TeardownRequest() teardown(_error: Error | undefined, ctx: Context) {
      note(`teardown ${ctx.g.name}`)
    }
  }
  const app = bootstrap(App, { logger: false, asyncContext: false, extensions: [webSockets()] })
  const socket = await testClient(app).webSocket('/')
  expect([await socket.receive(), await socket.receive()]).toEqual(['kept', 'kept'])
  await socket.ended()
  expect(log).toEqual(['teardown kept'])
})

test('in debug mode', async () => {
  const app = appOf(echo, {}, { debug: true })
  await serve(app, async url => {
    const { client, closed } = await open(url)
    client.send('hello')
    const [message] = (await once(client, 'message')) as [Buffer]
    expect(String(message)).toBe('hello')
    client.close()
    expect((await closed)[0]).toBe(1005)
  })
})
