import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { BeforeRequest, bootstrap, continueOnRead, Get, Post, type Context } from 'flaskoa'
import type Koa from 'koa'
import { koaOf } from '../support/worlds'
import { log, note } from '../support/log'
import { portOf } from '../support/serve'
import { until } from '../support/until'

class App {
  @BeforeRequest guard({ path }: Context) {
    return path === '/refused' ? ['refused'] : undefined
  }
  @Post('/refused') refused() {
    return 'never'
  }
  @Post('/json') json({ request }: Context) {
    return request.json() as Promise<object>
  }
  @Post('/req') async req({ req }: Context) {
    return [await text(req)]
  }
  @Post('/late') late({ req, res }: Context) {
    res.once('finish', () => req.resume())
    return ['late']
  }
  @Get('/') index() {
    return ['index']
  }
}

const HEAD = (path: string, length = 3) =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`

/** Connects to a server while `use` runs; `received` is what the client got. */
async function connected(
  server: Server,
  use: (socket: Socket, received: () => string) => Promise<void>,
): Promise<void> {
  if (!server.listening) await once(server, 'listening')
  const socket = connect(portOf(server), '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1').on('data', part => (received += part))
  await use(socket, () => received)
  socket.destroy()
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

function serverOf(app: Koa): Server {
  const handle = app.callback()
  return createServer((req, res) => void handle(req, res))
}

const listening = (app: Koa) => app.listen(0, '127.0.0.1')
const own = (app: Koa) => continueOnRead(serverOf(app)).listen(0, '127.0.0.1')

describe.each([
  ['app.listen', listening],
  ['a server of its own', own],
])('Expect: 100-continue, %s', (_, listen) => {
  const app = () => bootstrap(App, { logger: false })

  test.each(['/json', '/req'])('is answered when the body is read, and the connection goes on: %s', async path => {
    await connected(listen(app()), async (socket, received) => {
      for (let count = 1; count < 3; count++) {
        socket.write(HEAD(path))
        await until('the server asks for the body', () => received().split('100 Continue').length > count)
        socket.write('[1]')
        await until('the answer is there', () => received().split('[').length > count)
      }
      expect(received()).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/)
      expect(received()).toMatch('Connection: keep-alive')
      socket.end()
    })
  })

  test.each([
    ['a before method answers', '/refused', 3, 200],
    ['no rule matches', '/nowhere', 3, 404],
    ['it is too long', '/json', 2_000_000, 413],
    ['the view does not read it', '/late', 3, 200],
  ])('is not answered if %s, and the connection is closed', async (_name, path, length, status) => {
    await connected(listen(app()), async (socket, received) => {
      socket.write(HEAD(path, length))
      await once(socket, 'close')
      expect(received()).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*Connection: close`))
      expect(received()).not.toMatch('100 Continue')
    })
  })
})

test('with Koa itself, for middleware of others that reads the body', async () => {
  const reading: Koa.Middleware = async ctx => {
    note(`before ${ctx.res.headersSent}`)
    ctx.body = await text(ctx.req)
  }
  const server = continueOnRead(serverOf(koaOf(reading))).listen(0, '127.0.0.1')
  expect(continueOnRead(server)).toBe(server)
  await connected(server, async (socket, received) => {
    socket.write(HEAD('/'))
    await until('the server asks for the body', () => received().includes('100 Continue'))
    socket.write('abc')
    await until('the answer is there', () => received().endsWith('abc'))
    expect([log, received().split('100 Continue').length]).toEqual([['before false'], 2])
  })
})

test('a listener of the application answers instead', async () => {
  const app = bootstrap(App, { logger: false })
  const server = listening(app)
  server.on('checkContinue', (_: IncomingMessage, res: ServerResponse) => void res.writeHead(417).end())
  await connected(server, async (socket, received) => {
    socket.write(HEAD('/json'))
    await until('the answer is there', () => received().includes('417'))
    expect(received()).toMatch(/^HTTP\/1.1 417/)
  })
})

test('over HTTP/2', async () => {
  const handle = bootstrap(App, { logger: false }).callback()
  const server = continueOnRead(http2.createServer((req, res) => void handle(req as never, res as never)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = http2.connect(`http://127.0.0.1:${portOf(server)}`)
  const begin = (path: string) => {
    const stream = session.request({
      ...{ ':method': 'POST', ':path': path, expect: '100-continue', 'content-type': 'application/json' },
    })
    let isAsked = false
    stream.once('continue', () => (isAsked = true)).on('error', () => undefined)
    return { stream, isAsked: () => isAsked }
  }
  const json = begin('/json')
  await until('the server asks for the body', json.isAsked)
  json.stream.end('[1]')
  expect(await text(json.stream)).toBe('[1]')
  const refused = begin('/refused')
  expect([await text(refused.stream), refused.isAsked()]).toEqual(['["refused"]', false])
  refused.stream.destroy()
  session.close()
  server.close()
  await once(server, 'close')
})

test.each([undefined, null, {}, () => undefined])('continueOnRead(%p) is a TypeError', server => {
  expect(() => continueOnRead(server as never)).toThrow(TypeError)
  expect(() => continueOnRead(server as never)).toThrow(
    'continueOnRead needs a server, such as createServer(app.callback()), not ',
  )
})
