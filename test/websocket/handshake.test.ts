import { once } from 'node:events'
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { AfterRequest, Get, abort, bootstrap, g, makeResponse, session, type KoaResponse } from 'flaskoa'
import { ConnectionRefused, testClient } from 'flaskoa/testing'
import { webSocket, webSockets, handleUpgrades } from 'flaskoa/websocket'
import { ask } from '../support/ask'
import { log, note } from '../support/log'
import { portOf, serve, serveHttp2 } from '../support/serve'
import { setupError } from '../support/setup-error'
import { until } from '../support/until'
import { appOf, echo, HANDSHAKE, handshake, open, raw, refused } from './support'

describe('hooks', () => {
  test('a before method that answers refuses the handshake with its body', async () => {
    const app = appOf(echo, { before: () => makeResponse({ problem: 'log in' }, 401, { 'WWW-Authenticate': 'Basic' }) })
    await serve(app, async url => {
      const { status, headers, text } = await refused(url)
      expect([status, headers['www-authenticate'], headers.connection, text]).toEqual([
        401,
        'Basic',
        'close',
        '{"problem":"log in"}',
      ])
      await until('the request has ended', () => log.length === 2)
      expect(log).toEqual(['teardown', '401 undefined whole'])
    })
  })

  test('one that aborts, and an error of the view, are answered by the error rules', async () => {
    for (const [hooks, status] of [
      [{ before: () => abort(403, 'no') }, 403],
      [{ view: () => Promise.reject(new Error('broken')) }, 500],
    ] as const) {
      const refusal = testClient(appOf(echo, hooks), { propagateExceptions: false }).webSocket('/')
      await expect(refusal).rejects.toThrow(ConnectionRefused)
      await expect(refusal).rejects.toMatchObject({ response: { status } })
    }
  })

  test('after methods run on the 101, before it is sent, and the session is saved with it', async () => {
    const app = appOf(
      async socket => {
        socket.send(JSON.stringify([g.name, session]))
        session.count = 2
        await socket.receive()
      },
      {
        before: () => {
          g.name = 'guarded'
          session.count = (session.count ?? 0) + 1
        },
        after: response => {
          note(`${response.status} ${response.type}`)
          response.set({ 'X-After': 'set', 'Content-Type': 'text/plain', 'Content-Length': '5' })
          return response
        },
      },
    )
    const client = testClient(app)
    const socket = await client.webSocket('/')
    expect(socket.response.header('x-after')).toBe('set')
    expect(socket.response.header('set-cookie')).toMatch(/^koa\.sess=/)
    expect(Object.keys(socket.response.headers).filter(name => name.startsWith('content'))).toEqual([])
    expect(await socket.receive()).toBe('["guarded",{"count":1}]')
    expect(await socket.close()).toEqual({ code: 1000, reason: '' })
    await until('the request has ended', () => log.length === 3)
    expect(log).toEqual(['101 ', 'teardown', '101 1000 whole'])
    expect(await client.session()).toEqual({ count: 1 })
    expect(client.g).toEqual({ name: 'guarded' })
  })

  test('an after method that fails or makes another response refuses it', async () => {
    const failing = () => {
      throw new Error('after')
    }
    for (const [after, status] of [
      [failing, 500],
      [() => makeResponse('instead'), 200],
    ] as const) {
      log.length = 0
      const client = testClient(
        appOf(() => note('handler'), { after }),
        { propagateExceptions: false },
      )
      await expect(client.webSocket('/')).rejects.toMatchObject({ response: { status } })
      await until('the request has ended', () => log.length === 2)
      expect(log[0]).toMatch(/^teardown/)
    }
  })

  test('middleware in front see the 101, and may refuse it', async () => {
    const app = appOf(
      echo,
      {},
      {
        middleware: [
          async (ctx, next) => {
            await next()
            note(String(ctx.status))
            ctx.set('X-Outer', 'set')
            if (ctx.query.refuse === undefined) return
            if (ctx.query.refuse !== '') ctx.status = 403
            ctx.body = 'refused'
          },
        ],
      },
    )
    const client = testClient(app)
    const socket = await client.webSocket('/')
    expect(socket.response.header('x-outer')).toBe('set')
    await socket.close()
    const { response } = (await client.webSocket('/?refuse=1').catch((error: unknown) => error)) as ConnectionRefused
    expect([response.status, response.text]).toEqual([403, 'refused'])
    // With the status of the 101 it would be read as frames.
    const errors: unknown[] = []
    app.on('error', error => errors.push(String(error)))
    const refusal = testClient(app, { propagateExceptions: false }).webSocket('/?refuse=')
    await expect(refusal).rejects.toMatchObject({ response: { status: 500 } })
    expect(errors).toEqual([expect.stringContaining('The body of the 101 of webSocket() was replaced')])
  })
})

describe('the origin of a page', () => {
  const statusOf = async (
    origin: string,
    headers: Record<string, string>,
    origins?: readonly string[] | '*',
    proxy = false,
  ) => {
    const app = appOf(echo, {}, { all: origins === undefined ? {} : { origins }, koa: { proxy } })
    const client = testClient(app, { headers: { origin, ...headers } })
    try {
      const socket = await client.webSocket('/')
      await socket.close()
      return 101
    } catch (error) {
      return (error as ConnectionRefused).response.status
    }
  }

  test.each<[string, string, string, number]>([
    ['the host', 'http://app.example', 'app.example', 101],
    ['by https, behind a proxy', 'https://app.example', 'app.example', 101],
    ['a port', 'http://app.example:8080', 'app.example:8080', 101],
    ["the scheme's own port", 'https://app.example', 'app.example:443', 101],
    ['another port', 'http://app.example:8080', 'app.example', 403],
    ['another host', 'http://evil.example', 'app.example', 403],
    ['a host that ends like it', 'http://evilapp.example', 'app.example', 403],
    ['a host that begins like it', 'http://app.example.evil.example', 'app.example', 403],
    ['a sandboxed page', 'null', 'app.example', 403],
    ['a file', 'file://', 'app.example', 403],
    ['what is none', 'nonsense', 'app.example', 403],
    ['in capitals', 'http://APP.example', 'app.Example', 101],
  ])('%s', async (_, origin, host, status) => {
    expect(await statusOf(origin, { host })).toBe(status)
  })

  test('others that the option origins names', async () => {
    const host = 'api.example'
    const origins = ['https://app.example', 'null']
    expect(await statusOf('https://app.example', { host }, origins)).toBe(101)
    expect(await statusOf('null', { host }, origins)).toBe(101)
    expect(await statusOf('https://api.example', { host }, origins)).toBe(101)
    expect(await statusOf('http://app.example', { host }, origins)).toBe(403)
    expect(await statusOf('http://evil.example', { host }, '*')).toBe(101)
  })

  test('with proxy: true, the host that the proxy names', async () => {
    const headers = { host: '10.0.0.1', 'x-forwarded-host': 'app.example' }
    expect(await statusOf('https://app.example', headers, undefined, true)).toBe(101)
    expect(await statusOf('https://app.example', headers)).toBe(403)
  })

  test('a client without one is no browser', async () => {
    const socket = await testClient(appOf(echo)).webSocket('/')
    await socket.close()
  })

  test('the field of the draft that is version 8', async () => {
    const app = appOf(echo)
    const headers = { ...HANDSHAKE, 'Sec-WebSocket-Version': '8', 'Sec-WebSocket-Origin': 'http://evil.example' }
    await serve(app, async url => {
      expect((await ask(url, { headers })).status).toBe(403)
    })
  })
})

describe('subprotocols', () => {
  const chosen = async (known: string[] | undefined, offered: string[]) => {
    const app = appOf(
      socket => void socket.send(socket.protocol),
      {},
      known === undefined ? {} : { socket: { protocols: known } },
    )
    const socket = await testClient(app).webSocket('/', { protocols: offered })
    const received = await socket.receive()
    await socket.ended()
    return [received, socket.protocol]
  }

  test("the first of the view's that the client offers", async () => {
    expect(await chosen(['chat.2', 'chat.1'], ['chat.1', 'chat.2'])).toEqual(['chat.2', 'chat.2'])
    expect(await chosen(['chat.2', 'chat.1'], ['chat.1', 'other'])).toEqual(['chat.1', 'chat.1'])
    expect(await chosen(['chat.1'], [])).toEqual(['', ''])
  })

  test('a client that offers others only is told which there are', async () => {
    const refusal = testClient(appOf(echo, {}, { socket: { protocols: ['a', 'b'] } })).webSocket('/', {
      protocols: ['c'],
    })
    await expect(refusal).rejects.toThrow('was answered with 400: ')
    await expect(refusal).rejects.toThrow('This web socket speaks one of these subprotocols: a, b')
  })

  test('a view without any chooses none: such a client closes by itself', async () => {
    const refusal = testClient(appOf(echo)).webSocket('/', { protocols: ['c'] })
    await expect(refusal).rejects.toThrow('Server sent no subprotocol')
  })
})

describe('a request that is no handshake', () => {
  test('is a 426 that says so, and HEAD as well; other methods are a 405', async () => {
    await serve(appOf(echo), async url => {
      const { status, headers, text } = await ask(url)
      expect([status, headers.upgrade, headers.connection]).toEqual([426, 'websocket', 'Upgrade'])
      expect(text).toContain('This URL is for web sockets')
      expect((await ask(url, { method: 'HEAD' })).status).toBe(426)
      expect((await ask(url, { method: 'HEAD', headers: HANDSHAKE })).status).toBe(426)
      expect((await ask(url, { method: 'POST', headers: HANDSHAKE })).status).toBe(405)
      expect((await ask(url, { method: 'OPTIONS' })).headers.allow).toBe('GET, HEAD, OPTIONS')
    })
  })

  test('also over HTTP/2, which has no such fields', async () => {
    await serveHttp2(appOf(echo), async session => {
      for (const fields of [{}, { upgrade: undefined }]) {
        const stream = session.request({ ':path': '/', ...fields })
        const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
        stream.resume()
        expect([headers[':status'], headers.upgrade]).toEqual([426, undefined])
        await once(stream, 'close')
      }
    })
  })

  test.each<[string, Record<string, string>, number, string]>([
    ['another version', { 'Sec-WebSocket-Version': '7' }, 426, 'version 13'],
    ['no version', { 'Sec-WebSocket-Version': '' }, 426, 'version 13'],
    ['no key', { 'Sec-WebSocket-Key': '' }, 400, 'Sec-WebSocket-Key'],
    ['a short key', { 'Sec-WebSocket-Key': 'AAAA' }, 400, 'Sec-WebSocket-Key'],
    ['a broken subprotocol', { 'Sec-WebSocket-Protocol': 'a,,b' }, 400, 'Sec-WebSocket-Protocol'],
    ['a subprotocol twice', { 'Sec-WebSocket-Protocol': 'a, a' }, 400, 'Sec-WebSocket-Protocol'],
    ['another protocol', { Upgrade: 'h2c' }, 426, 'This URL is for web sockets'],
    ['a body', { 'Content-Length': '1' }, 426, 'This URL is for web sockets'],
  ])('%s', async (name, fields, status, message) => {
    await serve(appOf(echo), async url => {
      const body = name === 'a body' ? { body: 'x' } : {}
      const headers = Object.fromEntries(
        Object.entries({ ...HANDSHAKE, ...fields }).filter(([, value]) => value !== ''),
      )
      const answer = await ask(url, { headers, ...body })
      expect(answer.status).toBe(status)
      expect(answer.text).toContain(message)
      if (message === 'version 13') expect(answer.headers['sec-websocket-version']).toBe('13')
    })
  })
})

describe('a handshake that the protocol does not allow is a 400', () => {
  const text = handshake()
  test.each([
    ['without a Host', text.replace('Host: a\r\n', ''), 'needs the field Host'],
    ['with an empty Host', text.replace('Host: a', 'Host:'), 'needs the field Host'],
    ['in HTTP/1.0', text.replace('HTTP/1.1', 'HTTP/1.0'), 'needs HTTP/1.1'],
    ['in HTTP/1.0 without a Host', text.replace('HTTP/1.1\r\nHost: a', 'HTTP/1.0'), 'needs HTTP/1.1'],
    ['with two of them', text.replace('Host: a', 'Host: a\r\nHost: b'), 'The Host is malformed'],
    ['with one that is no host', text.replace('Host: a', 'Host: a/b'), 'The Host is malformed'],
  ])('%s', async (_, bytes, message) => {
    await serve(appOf(echo), async url => {
      const client = await raw(url, bytes)
      const answer = String(await buffer(client))
      expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
      expect(answer).toContain(message)
      await until('the request has ended', () => log.length === 2)
      expect(log[1]).toMatch(/^400 undefined whole /)
    })
  })
})

test('a handshake at another URL has its ordinary answer, and the connection closes', async () => {
  await serve(appOf(echo), async url => {
    for (const [path, status, text] of [
      ['/page', 200, 'page'],
      ['/unknown', 404, 'Not Found'],
    ] as const) {
      log.length = 0
      const answer = await ask(url + path, { headers: HANDSHAKE })
      expect([answer.status, answer.headers.connection]).toEqual([status, 'close'])
      expect(answer.text).toContain(text)
      await until('the request has ended', () => log.length === 2)
      expect(log).toEqual(['teardown', `${status} undefined whole${status === 404 ? ' Not Found' : ''}`])
    }
  })
})

describe('set-up', () => {
  const view = (extensions: ReturnType<typeof webSockets>[]) => {
    class App {
      @Get('/') socket() {
        return webSocket(echo)
      }
    }
    return bootstrap(App, { logger: false, extensions })
  }

  test('without the extension', async () => {
    await expect(testClient(view([]), { propagateExceptions: true }).get('/')).rejects.toThrow(
      'webSocket() needs the extension webSockets(): bootstrap(App, { extensions: [webSockets()] })',
    )
    await expect(testClient(view([])).webSocket('/')).rejects.toThrow(
      'client.webSocket needs an application with the extension webSockets() of flaskoa/websocket',
    )
  })

  test('a server of the user that passes no upgrades, and one that does', async () => {
    const app = view([webSockets()])
    const errors: unknown[] = []
    app.on('error', error => errors.push(String(error)))
    const server = createServer((req, res) => void app.callback()(req, res)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${portOf(server)}`
    expect((await refused(url)).status).toBe(500)
    expect(errors).toEqual([expect.stringContaining('Call handleUpgrades(server, app) of flaskoa/websocket')])
    expect(handleUpgrades(handleUpgrades(server, app), app)).toBe(server)
    expect(server.listenerCount('upgrade')).toBe(1)
    const { client, closed } = await open(url)
    client.close()
    expect(await closed).toEqual([1005, ''])
    server.close()
    await once(server, 'close')
  })

  test('an application without web sockets leaves upgrades to Node', async () => {
    class App {
      @Get('/') index() {
        return 'index'
      }
    }
    const app = bootstrap(App, { logger: false })
    const server = app.listen(0, '127.0.0.1')
    await once(server, 'listening')
    expect(server.listenerCount('upgrade')).toBe(0)
    const answer = await ask(`http://127.0.0.1:${portOf(server)}`, { headers: HANDSHAKE })
    expect([answer.status, answer.text]).toEqual([200, 'index'])
    server.close()
  })

  test.each<[unknown, string]>([
    [{ orgins: [] }, "there is no option 'orgins'. Did you mean 'origins'?"],
    [
      { origins: 'https://app.example' },
      "origins must be a list of origins like 'https://app.example', without a path, or '*'",
    ],
    [{ origins: ['https://app.example/'] }, 'origins must be a list'],
    [{ origins: ['https://app.example:443'] }, 'origins must be a list'],
    [{ origins: ['*'] }, 'origins must be a list'],
    [{ maxMessageSize: 0 }, 'maxMessageSize must be a whole number of bytes from 1 to 2147483647, not 0'],
    [{ pingInterval: -1 }, 'pingInterval must be a whole number of milliseconds from 0 to 2147483647, not -1'],
    [{ closeTimeout: '1s' }, 'closeTimeout must be a whole number of milliseconds from 1'],
    [{ protocols: ['chat'] }, "there is no option 'protocols'"],
    [null, 'expected an object of options, not null'],
  ])('webSockets(%j)', (options, message) => {
    expect(setupError(() => webSockets(options as never))).toContain(`FLASKOA_BAD_OPTION webSockets: ${message}`)
  })

  test.each<[string, () => unknown, string]>([
    [
      'no handler',
      () => webSocket(undefined as never),
      'webSocket(async socket => { … }): the last argument must be a function',
    ],
    [
      'a generator',
      () => webSocket(async function* () {}),
      'webSocket(async socket => { … }): the handler is a generator, whose body would never run. Leave the * out.',
    ],
    [
      'an option',
      () => webSocket(echo, { protocol: [] } as never),
      "there is no option 'protocol'. Did you mean 'protocols'?",
    ],
    [
      'a protocol',
      () => webSocket(echo, { protocols: ['a b'] }),
      "protocols must be a list of the names of subprotocols, like ['chat']",
    ],
    ['outside of a request', () => webSocket(echo), 'webSocket() was used outside of a request'],
  ])('webSocket with %s', (_, act, message) => {
    expect(act).toThrow(message)
  })

  test.each<[unknown, unknown, string]>([
    [undefined, undefined, 'handleUpgrades needs a server, such as createServer(app.callback()), not undefined'],
    [createServer(), {}, 'handleUpgrades(server, app) needs a Koa application, not an object of class Object'],
  ])('handleUpgrades %#', (server, app, message) => {
    expect(() => handleUpgrades(server as never, app as never)).toThrow(message)
  })

  test('a view that forgets to return it', async () => {
    class App {
      @Get('/') socket() {
        void webSocket(echo)
        return 'text'
      }
    }
    const app = bootstrap(App, { logger: false, extensions: [webSockets()] })
    await expect(testClient(app, { propagateExceptions: true }).webSocket('/')).rejects.toThrow(
      'App.socket called webSocket() but did not return what it made: write return webSocket(…)',
    )
  })

  test('in a blueprint, with a prefix and values', async () => {
    class App {
      @Get('/rooms/<name>') socket({ name }: { name: string }) {
        return webSocket(socket => void socket.send(name))
      }
      @AfterRequest() after(response: KoaResponse) {
        return response
      }
    }
    const socket = await testClient(bootstrap(App, { logger: false, extensions: [webSockets()] })).webSocket(
      '/rooms/a%20b',
    )
    expect(await socket.receive()).toBe('a b')
    expect(await socket.ended()).toEqual({ code: 1000, reason: '' })
  })
})
