import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { promisify } from 'node:util'
import Koa from 'koa'
import mount from 'koa-mount'
import {
  AfterRequest,
  Get,
  bootstrap,
  eventStream,
  gracefulShutdown,
  lifecycle,
  type KoaResponse,
  type Outcome,
} from 'flaskoa'
import { handleUpgrades, webSocket, webSockets, type WebSocketConnection } from 'flaskoa/websocket'
import { settled } from '../support/gate'
import { log, note } from '../support/log'
import { LoggedEnds } from '../support/logged-ends'
import { portOf, serve } from '../support/serve'
import { until } from '../support/until'
import { handshake, headOf, open, raw } from './support'

abstract class Logged extends LoggedEnds {
  protected override codes({ status, closeCode }: Outcome) {
    return `${status} ${closeCode}`
  }
}
class Outer extends Logged {
  name = 'outer'
  @AfterRequest() after(response: KoaResponse) {
    return note(`after ${response.status}`, response)
  }
}
class Inner extends Logged {
  name = 'inner'
  @Get('/') socket() {
    return webSocket(async socket => {
      for await (const message of socket) {
        if (String(message) === 'fail') throw new Error('broken')
        socket.send(`${this.name} ${String(message)}`)
      }
    })
  }
  @Get('/page') page() {
    return 'page'
  }
  @Get('/events') events() {
    return eventStream(async function* (_, signal) {
      yield 'first'
      await once(signal, 'abort')
    })
  }
}
class Other extends Inner {
  override name = 'other'
}

const extensions = [webSockets({ closeTimeout: 100_000 })]
const innerApp = () => bootstrap(Inner, { logger: false, extensions })

/** A Koa application with two lifecycles, one around the other. */
const NESTED: readonly (readonly [string, () => Koa])[] = [
  ['both are middleware', () => new Koa().use(lifecycle(Outer)).use(lifecycle(Inner, { extensions }))],
  ['the inner one is mounted', () => new Koa().use(lifecycle(Outer)).use(mount('/', innerApp()))],
]

/** Serves a Koa application of the user's own. */
async function served(koa: Koa): Promise<{ server: Server; url: string }> {
  koa.silent = true
  const server = handleUpgrades(koa.listen(0, '127.0.0.1'), koa)
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${portOf(server)}` }
}

async function close(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}

/** Sends a message and waits for the answer. */
async function ask({ client }: Awaited<ReturnType<typeof open>>, message: string): Promise<string> {
  client.send(message)
  return String(((await once(client, 'message')) as [Buffer])[0])
}

describe.each(NESTED)('a web socket of a lifecycle inside of another: %s', (_, koa) => {
  test.each<[string, (client: Awaited<ReturnType<typeof open>>['client']) => void, string[]]>([
    ['closes', client => client.close(4000), ['teardown', '101 4000 whole']],
    ['breaks', client => client.terminate(), ['teardown AbortError', '101 1006 aborted']],
    ['fails', client => client.send('fail'), ['teardown Error', '101 1011 whole broken']],
  ])('both have the same outcome when it %s', async (_, end, [teardown, outcome]) => {
    const { server, url } = await served(koa())
    const opened = await open(url)
    expect(await ask(opened, 'hello')).toBe('inner hello')
    // As with a stream of the inner one: its own teardown waits for the end.
    expect(log).toEqual(['after 101', 'outer teardown'])
    end(opened.client)
    await opened.closed
    await until('both have ended', () => log.length === 5)
    expect(log.slice(2).sort()).toEqual([`inner ${outcome}`, `inner ${teardown}`, `outer ${outcome}`])
    await close(server)
  })

  /** Serves the application until a shutdown, and returns the errors that it reports. */
  const shutDown = async (timeout: number, use: (url: string) => Promise<unknown>) => {
    const app = koa()
    const errors: string[] = []
    app.on('error', error => errors.push(String(error)))
    const { server, url } = await served(app)
    const shutdown = gracefulShutdown(server, { app, timeout, grace: 1 })
    shutdown.uninstall()
    await use(url)
    await shutdown.close()
    return errors
  }

  test('a shutdown closes it', async () => {
    let closed: Promise<readonly [number, string]> | undefined
    const errors = await shutDown(100_000, async url => ({ closed } = await open(url)))
    expect((await closed)?.[0]).toBe(1001)
    expect(log.slice(2)).toEqual(['inner teardown', 'outer 101 1001 whole', 'inner 101 1001 whole'])
    expect(errors).toEqual([])
  })

  test('a shutdown that does not wait for the client reports one error', async () => {
    const message = 'The server was shut down before the request had ended'
    const errors = await shutDown(20, async url => headOf(await raw(url)))
    expect(log.slice(2)).toEqual([
      'inner teardown ServiceUnavailableError',
      `outer 101 1006 aborted ${message}`,
      `inner 101 1006 aborted ${message}`,
    ])
    expect(errors).toEqual([`ServiceUnavailableError: ${message}`])
  })
})

test('two applications with web sockets, mounted in one server: a shutdown of both closes all', async () => {
  const [one, other] = [innerApp(), bootstrap(Other, { logger: false, extensions: [webSockets()] })]
  const koa = new Koa().use(mount('/one', one)).use(mount('/other', other))
  const { server, url } = await served(koa)
  const shutdowns = [one, other].map(app => gracefulShutdown(server, { app, grace: 1 }))
  for (const each of shutdowns) each.uninstall()
  const clients = await Promise.all([open(`${url}/one/`), open(`${url}/other/`)])
  expect(await Promise.all(clients.map(each => ask(each, 'a')))).toEqual(['inner a', 'other a'])
  await Promise.all(shutdowns.map(each => each.close()))
  expect((await Promise.all(clients.map(({ closed }) => closed))).map(([code]) => code)).toEqual([1001, 1001])
  expect([...log].sort()).toEqual(['inner 101 1001 whole', 'inner teardown', 'other 101 1001 whole', 'other teardown'])
})

test('several closers of one server report one error for each request', async () => {
  const [one, other] = [innerApp(), bootstrap(Other, { logger: false })]
  const koa = new Koa().use(mount('/one', one)).use(mount('/other', other))
  const errors: string[] = []
  koa.on('error', error => errors.push(String(error)))
  const { server, url } = await served(koa)
  const shutdowns = [one, other].map(app => gracefulShutdown(server, { app, grace: 1, timeout: 20 }))
  for (const each of shutdowns) each.uninstall()
  const silent = await raw(url, handshake('/one/'))
  await headOf(silent)
  await Promise.all(shutdowns.map(each => each.close()))
  expect(errors).toEqual(['ServiceUnavailableError: The server was shut down before the request had ended'])
  expect(log).toHaveLength(2)
  silent.destroy()
})

test('the first request of a mounted application may arrive in a shutdown', async () => {
  const app = innerApp()
  const { server, url } = await served(new Koa().use(mount('/x', app)))
  // Time enough for both requests, and the test ends as soon as their connections are closed.
  const shutdown = gracefulShutdown(server, { app, grace: 100_000 })
  shutdown.uninstall()
  const [first, second] = [await raw(url, ''), await raw(url, '')]
  let connections = 0
  await until('the server has both', async () => {
    connections = await promisify(server.getConnections.bind(server))()
    return connections === 2
  })
  const closing = shutdown.close()
  await settled()
  first.write(handshake('/x/'))
  second.write('GET /x/events HTTP/1.1\r\nHost: a\r\n\r\n')
  expect(await headOf(first)).toMatch(/^HTTP\/1.1 503 /)
  expect(await headOf(second)).toMatch(/^HTTP\/1.1 200 .*\r\nContent-Length: 0/s)
  await closing
  expect(log).toHaveLength(4)
})

describe('handleUpgrades', () => {
  test('twice for one application is once', async () => {
    const app = innerApp()
    const server = app.listen(0, '127.0.0.1')
    expect(handleUpgrades(handleUpgrades(server, app), app)).toBe(server)
    expect(server.listenerCount('upgrade')).toBe(1)
    await once(server, 'listening')
    await close(server)
  })

  test('for a second application is an error: only one can answer', () => {
    const server = handleUpgrades(createServer(), innerApp())
    expect(() => handleUpgrades(server, innerApp())).toThrow(
      'handleUpgrades(server, app): this server passes the handshakes of web sockets to another application already. Mount both',
    )
  })

  test('two servers of one application: a shutdown of both', async () => {
    const app = innerApp()
    const listener = app.callback()
    const own = createServer((req, res) => void listener(req, res)).listen(0, '127.0.0.1')
    const servers = [app.listen(0, '127.0.0.1'), handleUpgrades(own, app)]
    const shutdowns = servers.map(server => gracefulShutdown(server, { app, grace: 1 }))
    for (const each of shutdowns) each.uninstall()
    await Promise.all(servers.map(server => server.listening || once(server, 'listening')))
    const clients = await Promise.all(servers.map(server => open(`http://127.0.0.1:${portOf(server)}`)))
    await Promise.all(shutdowns.map(each => each.close()))
    expect((await Promise.all(clients.map(({ closed }) => closed))).map(([code]) => code)).toEqual([1001, 1001])
    expect(log).toHaveLength(4)
  })
})

test('server.close alone waits for web sockets, which the application closes', async () => {
  const sockets = new Set<WebSocketConnection>()
  class App extends Logged {
    name = 'app'
    @Get('/') socket() {
      return webSocket(async socket => {
        sockets.add(socket)
        await socket.closed
      })
    }
  }
  await serve(bootstrap(App, { logger: false, extensions: [webSockets()] }), async url => {
    const { closed } = await open(url)
    for (const socket of sockets) socket.close(4001)
    expect((await closed)[0]).toBe(4001)
    await until('the request has ended', () => log.length === 2)
  })
  expect(log).toEqual(['app teardown', 'app 101 4001 whole'])
})
