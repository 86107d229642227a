import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { connect as connectSecurely, type TLSSocket } from 'node:tls'
import Koa from 'koa'
import { AfterResponse, Get, Post, bootstrap, gracefulShutdown, lifecycle, type Context, type Outcome } from 'flaskoa'
import { handleUpgrades, webSocket, webSockets } from 'flaskoa/websocket'
import { Gate } from '../support/gate'
import { log, note } from '../support/log'
import { portOf, serve } from '../support/serve'
import { setupError } from '../support/setup-error'
import { until } from '../support/until'
import { appOf, echo, HANDSHAKE, handshake, headOf, open, raw } from './support'

class App {
  @Get('/') index() {
    return webSocket(echo)
  }
  @Post('/form') async form(ctx: Context) {
    const chunks = (await buffer(ctx.req)).toString()
    return `${ctx.get('Upgrade')}|${ctx.get('Connection')}|${ctx.get('X-Name')}|${chunks}`
  }
  @AfterResponse() outcome({ status, aborted }: Outcome) {
    note(`${status} ${aborted}`)
  }
}
const application = () => bootstrap(App, { logger: false, extensions: [webSockets()] })

const H2C = { Connection: 'Upgrade, HTTP2-Settings, keep-alive', Upgrade: 'h2c', 'HTTP2-Settings': 'AAMAAABkAAQAAP__' }

describe('a request that offers another protocol', () => {
  test('has its ordinary answer, with its body, and its connection stays open', async () => {
    await serve(application(), async url => {
      const fields = Object.entries({ ...H2C, 'Content-Length': '6', 'X-Name': 'gr\u00fcn' })
      const head = ['POST /form HTTP/1.1', 'Host: a', ...fields.map(each => each.join(': ')), '', ''].join('\r\n')
      const client = await raw(url, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from('abc')]))
      // The rest of the body comes later.
      client.write('def')
      expect(await headOf(client)).toMatch(/keep-alive\|grün\|abcdef$/)
      // The connection is an ordinary one again, and a handshake may follow.
      client.write(handshake())
      expect(await headOf(client)).toMatch(/^HTTP\/1.1 101 /)
      client.destroy()
      await until('both requests have ended', () => log.length === 2)
      expect(log).toEqual(['200 false', '101 true'])
    })
  })

  test('again and again over one connection, which gets no more listeners from that', async () => {
    const app = application()
    const server = app.listen(0, '127.0.0.1')
    const sockets: Socket[] = []
    server.on('connection', (socket: Socket) => sockets.push(socket))
    const shutdown = gracefulShutdown(server, { grace: 1 })
    shutdown.uninstall()
    await once(server, 'listening')
    const client = await raw(`http://127.0.0.1:${portOf(server)}`, '')
    const counts = new Set<number>()
    for (let count = 1; count <= 12; count++) {
      client.write(handshake('/form', { ...H2C }))
      expect(await headOf(client)).toMatch(/^HTTP\/1.1 405 /)
      await until('the request has ended', () => log.length === count)
      counts.add(
        (sockets[0] as Socket).eventNames().reduce((sum, name) => sum + (sockets[0] as Socket).listenerCount(name), 0),
      )
    }
    expect(counts.size).toBe(1)
    client.destroy()
    await shutdown.close()
  })

  test('with chunks, or with the method POST', async () => {
    await serve(application(), async url => {
      for (const fields of [H2C, { ...HANDSHAKE }]) {
        const sent = httpRequest(`${url}/form`, {
          method: 'POST',
          headers: { ...fields, 'Transfer-Encoding': 'chunked' },
        })
        sent.end('chunked')
        const [response] = (await once(sent, 'response')) as [IncomingMessage]
        expect((await buffer(response)).toString()).toMatch(/\|chunked$/)
      }
    })
  })
})

test('a handshake behind a request whose response is not sent breaks off the connection', async () => {
  const gate = new Gate()
  const app = appOf(
    echo,
    {},
    {
      middleware: [
        async (_, next) => {
          await gate.pass()
          await next()
        },
      ],
    },
  )
  await serve(app, async url => {
    const client = await raw(url, handshake('/page', {}))
    await gate.reached
    client.write(handshake())
    await once(client, 'close')
    gate.open()
    await until('the request has ended', () => log.length === 2)
    expect(log).toEqual(['teardown', '200 undefined aborted'])
  })
})

test('a client that leaves while an ordinary answer to its handshake is sent', async () => {
  await serve(appOf(echo, { before: () => 'x'.repeat(10_000_000) }), async url => {
    const client = await raw(url)
    await once(client, 'data')
    client.resetAndDestroy()
    await until('the request has ended', () => log.length === 2)
    expect(log).toEqual(['teardown', '200 undefined aborted'])
  })
})

describe('servers', () => {
  test('newer versions of Node ask which requests to give away', () => {
    const server = Object.assign(createServer(), { shouldUpgradeCallback: (req: object) => 'method' in req })
    handleUpgrades(server, application())
    const asks = (req: object) => server.shouldUpgradeCallback(req)
    const request = (method: string, headers: object) => ({ method, headers })
    expect([
      asks(request('GET', { upgrade: 'WebSocket' })),
      asks(request('GET', { upgrade: 'websocket', 'content-length': '0' })),
      asks(request('GET', { upgrade: 'websocket', 'content-length': '1' })),
      asks(request('GET', { upgrade: 'websocket', 'transfer-encoding': 'chunked' })),
      asks(request('POST', { upgrade: 'websocket' })),
      asks(request('GET', { upgrade: 'h2c' })),
      asks(request('GET', {})),
    ]).toEqual([true, true, false, false, false, false, false])
  })

  test('with TLS', async () => {
    // A key that both know, in the place of a certificate.
    const psk = { psk: Buffer.alloc(32, 1), identity: 'test' }
    const secure = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const
    const app = application()
    const listener = app.callback()
    const server = createSecureServer({ ...secure, pskCallback: () => psk.psk }, (req, res) => void listener(req, res))
    handleUpgrades(server, app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const options = { ...secure, pskCallback: () => psk, checkServerIdentity: () => undefined }
    const client: TLSSocket = connectSecurely(portOf(server), '127.0.0.1', options)
    await once(client, 'secureConnect')
    client.write(handshake('/form', { ...H2C, Connection: 'Upgrade, HTTP2-Settings' }))
    expect(await headOf(client)).toMatch(/^HTTP\/1.1 405 /)
    client.write(handshake())
    expect(await headOf(client)).toMatch(/^HTTP\/1.1 101 /)
    client.destroy()
    await until('the requests have ended', () => log.length === 2)
    server.close()
    await once(server, 'close')
  })

  test("a Koa application of the user's own", async () => {
    const koa = new Koa()
    koa.use(lifecycle(App, { extensions: [webSockets()] }))
    const server = handleUpgrades(koa.listen(0, '127.0.0.1'), koa)
    await once(server, 'listening')
    const { client, closed } = await open(`http://127.0.0.1:${portOf(server)}`)
    client.send('hello')
    const [message] = (await once(client, 'message')) as [Buffer]
    expect(String(message)).toBe('hello')
    client.close()
    await closed
    await until('the request has ended', () => log.length === 1)
    server.close()
    await once(server, 'close')
  })
})

test('without the package ws an error says what to do', () => {
  jest.resetModules()
  jest.doMock('ws', () => {
    throw new Error("Cannot find module 'ws'")
  })
  expect(setupError(() => webSockets())).toBe(
    'FLASKOA_BAD_OPTION webSockets() needs the package ws, which is not installed. Run npm i ws.',
  )
})
