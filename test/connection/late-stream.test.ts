import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { bootstrap, Get, type Context } from 'flaskoa'
import { portOf } from '../support/serve'

test('a stream that answers a pipelined request after its connection has closed is closed', async () => {
  const source = new Readable({ read: () => undefined })
  let entered = () => {}
  const bothAreIn = new Promise<void>(resolve => (entered = resolve))

  class App {
    @Get('/first')
    async first(ctx: Context) {
      await once(ctx.signal, 'abort')
      return 'late'
    }

    @Get('/second')
    async second(ctx: Context) {
      const aborted = once(ctx.signal, 'abort')
      entered()
      await aborted
      return source
    }
  }

  const server = bootstrap(App, { logger: false }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(portOf(server), '127.0.0.1')
  client.write('GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n')
  await bothAreIn
  // Not `once`, which rejects: the stream is closed with the error that its response has closed.
  const closed = new Promise(resolve => source.once('close', resolve))
  client.destroy()
  await closed
  expect(source.destroyed).toBe(true)
  server.close()
})
