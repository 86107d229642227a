import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import type Koa from 'koa'
import { AfterResponse, Get, bootstrap, type Context, type Outcome } from 'flaskoa'
import { ServerResponse } from '../../src/engine/server-response'
import { portOf, serve } from '../support/serve'
import { get, head, same } from '../support/same'

// A middleware may write what it likes to `req.httpVersionMajor` and `res.stream`: the connection stays what it is.

const asHttp2 = (ctx: Koa.Context): void => {
  ctx.req.httpVersionMajor = 2
}
/** As some middleware that send events do. */
const withStream = (ctx: Koa.Context): void => {
  Object.assign(ctx.res, { stream: new PassThrough() })
}

describe.each([
  ['httpVersionMajor = 2', asHttp2, '404'],
  ['res.stream', withStream, 'Not Found'],
])('on HTTP/1, after %s', (_, write, text) => {
  test('Koa’s and ours send the same, with the rest of the connection', async () => {
    const { wire } = await same(
      app =>
        app.use(ctx => {
          write(ctx)
          if (ctx.path === '/') return
          ctx.body = ctx.path === '/stream' ? new PassThrough().end('streamed') : 'body'
        }),
      get('/'),
      head('/'),
      ...['/text', '/stream'].flatMap(path => [
        get(path, { Connection: 'keep-alive' }) + get('/'),
        get(path, { Connection: 'keep-alive' }) + get(path, { Connection: 'keep-alive' }) + get(path),
      ]),
    )
    expect(wire[0]).toContain(`\r\n\r\n${text}`)
    expect(wire[0]?.startsWith(text === '404' ? 'HTTP/1.1 404 Not Found\r\n' : 'HTTP/1.1 404')).toBe(true)
  })

  test('ctx.signal and the outcome know that the client has left', async () => {
    const outcomes: Outcome[] = []
    let left = () => {}
    const hasLeft = new Promise<void>(resolve => (left = resolve))
    class App {
      @Get('/') view(ctx: Context) {
        write(ctx)
        ctx.signal.addEventListener('abort', () => left())
        return new PassThrough()
      }
      @AfterResponse outcome(outcome: Outcome) {
        outcomes.push(outcome)
      }
    }
    await serve(bootstrap(App, { logger: false }), async url => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
      await once(socket, 'connect')
      setTimeout(() => socket.destroy(), 20)
      await hasLeft
    })
    expect(outcomes).toMatchObject([{ aborted: true }])
  })
})

test('what a listener before the application writes changes nothing, either', async () => {
  class App {
    @Get('/') view(ctx: Context) {
      ctx.status = 203
      return 'view'
    }
  }
  const handle = bootstrap(App).callback() as RequestListener
  const server = createServer({ ServerResponse: ServerResponse as never }, (req: IncomingMessage, res) => {
    req.httpVersionMajor = 2
    handle(req, res)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  for (const _ of [1, 2]) {
    const response = await fetch(`http://127.0.0.1:${portOf(server)}`)
    expect([response.status, await response.text()]).toEqual([203, 'view'])
  }
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})
