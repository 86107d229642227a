import { once } from 'node:events'
import { createSecureServer } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { Server } from 'node:http'
import { connect, type TLSSocket } from 'node:tls'
import { gracefulShutdown, type BootstrappedApplication } from 'flaskoa'
import { handleUpgrades, type UpgradeServer, type WebSocketConnection } from 'flaskoa/websocket'
import { Gate } from '../support/gate'
import { log, note } from '../support/log'
import { portOf } from '../support/serve'
import { until } from '../support/until'
import { appOf, echo, handshake, headOf, open, raw } from './support'

/** A key that both ends know, in the place of a certificate. */
const PSK = { psk: Buffer.alloc(32, 1), identity: 'test' }
const SECURE = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const

const SECURE_SERVERS: readonly (readonly [string, (listener: (...args: unknown[]) => void) => UpgradeServer])[] = [
  ['node:https', listener => createHttpsServer({ ...SECURE, pskCallback: () => PSK.psk }, listener)],
  [
    'node:http2 with allowHTTP1',
    listener => createSecureServer({ ...SECURE, allowHTTP1: true, pskCallback: () => PSK.psk }, listener),
  ],
]

describe.each(SECURE_SERVERS)('a server of %s', (_, create) => {
  const served = async (app: BootstrappedApplication) => {
    const callback = app.callback() as (...args: unknown[]) => unknown
    const server = handleUpgrades(
      create((...args) => void callback(...args)),
      app,
    )
    ;(server as Server).listen(0, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const secureClient = async (server: UpgradeServer): Promise<TLSSocket> => {
    const options = { ...SECURE, pskCallback: () => PSK, checkServerIdentity: () => undefined }
    const client = connect(portOf(server), '127.0.0.1', options)
    await once(client, 'secureConnect')
    return client.on('error', () => undefined)
  }

  test('a shutdown closes web sockets with 1001, and does not wait for those that do not answer', async () => {
    const app = appOf(echo, {}, { socket: { closeTimeout: 50 } })
    const server = await served(app)
    const shutdown = gracefulShutdown(server, { app, grace: 1 })
    shutdown.uninstall()
    const client = await secureClient(server)
    client.write(handshake())
    expect(await headOf(client)).toMatch(/^HTTP\/1.1 101 /)
    const closing = shutdown.close()
    const [frame] = (await once(client, 'data')) as [Buffer]
    expect(frame.readUInt16BE(2)).toBe(1001)
    await closing
    expect(log).toEqual(['teardown AbortError', '101 1006 aborted'])
  })
})

const shutdownOf = async (app: BootstrappedApplication, timeout = 100_000) => {
  const server = app.listen(0, '127.0.0.1')
  const shutdown = gracefulShutdown(server, { timeout, grace: 1 })
  shutdown.uninstall()
  await once(server, 'listening')
  return { close: () => shutdown.close(), url: `http://127.0.0.1:${portOf(server)}`, server }
}

describe('a shutdown', () => {
  test('while a before method waits: the handshake gets a 503 as soon as it goes on', async () => {
    const gate = new Gate()
    const app = appOf(echo, { view: () => gate.pass() })
    const { close, url } = await shutdownOf(app)
    const client = await raw(url)
    await gate.reached
    const closing = close()
    gate.open()
    expect(await headOf(client)).toMatch(/^HTTP\/1.1 503 /)
    await closing
    expect(log).toEqual(['teardown', '503 undefined whole Service Unavailable'])
  })

  test('twice, and by two calls, is once', async () => {
    const { close, url } = await shutdownOf(appOf(echo))
    const { closed } = await open(url)
    await Promise.all([close(), close()])
    expect((await closed)[0]).toBe(1001)
    expect(log).toEqual(['teardown', '101 1001 whole'])
  })

  test('while the handler closes the connection by itself: its code counts', async () => {
    const app = appOf(async socket => {
      await socket.receive()
      socket.close(4000, 'own')
      note('closing')
      await socket.closed
    })
    const { close, url } = await shutdownOf(app)
    const client = await raw(url)
    await headOf(client)
    client.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61]))
    await until('it closes', () => log.length === 1)
    const closing = close()
    client.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x0f, 0xa0]))
    await closing
    expect(log).toEqual(['closing', 'teardown', '101 4000 whole'])
    client.destroy()
  })

  test('while a slow client has messages to read: they come before the close', async () => {
    const app = appOf(async socket => {
      for (let count = 0; count < 100; count++) socket.send('x'.repeat(100_000))
      await socket.closed
    })
    const { close, url } = await shutdownOf(app)
    const { client, closed } = await open(url)
    let received = 0
    client.on('message', () => received++).pause()
    const closing = close()
    client.resume()
    expect((await closed)[0]).toBe(1001)
    expect(received).toBe(100)
    await closing
  })

  test('and messages that the handler has not taken yet: it takes them, and then sees the end', async () => {
    const gate = new Gate()
    const app = appOf(async socket => {
      await gate.pass()
      for await (const message of socket) note(String(message))
    })
    const { close, url } = await shutdownOf(app)
    const { client } = await open(url)
    for (const message of ['a', 'b']) client.send(message)
    await gate.reached
    client.ping()
    await once(client, 'pong') // sent behind the messages
    const closing = close()
    gate.open()
    await closing
    expect(log).toEqual(['a', 'b', 'teardown', '101 1001 whole'])
  })

  test('an error that the handler throws at the end is reported, and teardown has it', async () => {
    const app = appOf(async socket => {
      await socket.closed
      throw new Error('in the end')
    })
    const errors: string[] = []
    app.on('error', error => errors.push(String(error)))
    const { close, url } = await shutdownOf(app)
    await open(url)
    await close()
    expect([errors, log]).toEqual([['Error: in the end'], ['teardown Error', '101 1001 whole in the end']])
  })

  test('of an application that is served again later', async () => {
    const app = appOf(echo)
    for (let round = 1; round <= 2; round++) {
      const { close, url } = await shutdownOf(app)
      const { closed } = await open(url)
      await close()
      expect((await closed)[0]).toBe(1001)
      expect(log).toHaveLength(2 * round)
    }
  })

  test('of many at once', async () => {
    const sockets = new Set<WebSocketConnection>()
    const app = appOf(async socket => {
      sockets.add(socket)
      await socket.closed
      sockets.delete(socket)
    })
    const { close, url } = await shutdownOf(app)
    const clients = await Promise.all(Array.from({ length: 100 }, () => open(url)))
    await close()
    const codes = (await Promise.all(clients.map(({ closed }) => closed))).map(([code]) => code)
    expect(new Set(codes)).toEqual(new Set([1001]))
    expect(sockets.size).toBe(0)
    expect(log.filter(each => each === '101 1001 whole')).toHaveLength(100)
    expect(log).toHaveLength(200)
  })
})
