import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { bootstrap, Post, type Context } from 'flaskoa'
import type Koa from 'koa'
import { settled } from '../support/gate'
import { log, note } from '../support/log'
import { portOf, serve } from '../support/serve'
import { sendHttp1 } from '../support/send'
import { until } from '../support/until'

// A body that flaskoa reads as bytes does not pass through the request's stream, unless other code uses that.

class App {
  @Post('/') async read({ request, req }: Context) {
    const before = req.readableDidRead
    return [await request.text(), before, stateOf(req)]
  }
  @Post('/with-listener') async withListener({ request, req }: Context) {
    const reading = request.text()
    note('reads')
    await until('half of it has come', () => req.readableDidRead)
    req.on('data', (chunk: Buffer) => note(`heard ${String(chunk)}`))
    note('listens')
    return [await reading]
  }
  @Post('/late') async late({ request, req }: Context) {
    await request.bytes()
    await settled()
    const rest = req.destroy().resume().read() as unknown
    const events = ['data', 'end', 'close'].map(event => once(req, event).then(() => note(event)))
    await Promise.race(events)
    return [rest]
  }
  @Post('/after-a-wait') async afterAWait({ request }: Context) {
    await settled()
    return [await request.text()]
  }
}

const stateOf = ({ readable, readableEnded, readableDidRead, destroyed, complete }: IncomingMessage) => ({
  readable,
  readableEnded,
  readableDidRead,
  destroyed,
  complete,
})

const send = (path: string, body = 'abcdef', ...middleware: Koa.Middleware[]) =>
  serve(bootstrap(App, { middleware, logger: false }), url => sendHttp1(url, { path, body }))

test('the request is as it is behind any body that was read', async () => {
  const state = { readable: false, readableEnded: true, readableDidRead: true, destroyed: true, complete: true }
  expect(await send('/')).toStrictEqual([200, JSON.stringify(['abcdef', false, state])])
})

test('a body that has come before it is read', async () => {
  expect(await send('/after-a-wait')).toStrictEqual([200, '["abcdef"]'])
})

test('a listener that is added while the body is read hears the rest, and the body is whole', async () => {
  const server = bootstrap(App, { logger: false }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect(portOf(server), '127.0.0.1')
  socket.write('POST /with-listener HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 6\r\n\r\n')
  await until('the body is read', () => log.includes('reads'))
  socket.write('abc')
  await until('the other listens', () => log.includes('listens'))
  socket.write('def')
  expect(await text(socket)).toMatch(/\["abcdef"\]$/)
  expect(log).toStrictEqual(['reads', 'listens', 'heard def'])
  server.close()
})

test('who listens after it was read hears its end', async () => {
  expect(await send('/late')).toStrictEqual([200, '[null]'])
  expect(log[0]).toBe('end')
})

test.each(['on', 'addListener', 'read', 'push', 'emit'] as const)(
  'a tool that has replaced %s of a request still sees the body',
  async name => {
    let calls = 0
    const tool: Koa.Middleware = ({ req }, next) => {
      const own = (req[name] as (...args: unknown[]) => unknown).bind(req)
      const replaced = (...args: unknown[]) => (calls++, own(...args))
      Object.assign(req, { [name]: replaced })
      return next()
    }
    expect(await send('/', 'abcdef', tool)).toStrictEqual([200, expect.stringContaining('abcdef')])
    if (name !== 'addListener') expect(calls).toBeGreaterThan(0)
  },
)

test('the next request on the connection is read as well', async () => {
  const bodies = await serve(bootstrap(App, { logger: false }), async url => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const post = (body: string, more = '') =>
      `POST / HTTP/1.1\r\nHost: a\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`
    socket.write(post('one') + post('two') + post('three', 'Connection: close\r\n'))
    return (await text(socket)).match(/\["\w+"/g)
  })
  expect(bodies).toStrictEqual(['["one"', '["two"', '["three"'])
})
