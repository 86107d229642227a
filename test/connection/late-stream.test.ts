import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable, Stream } from 'node:stream'
import { bootstrap, Get, type Context } from 'flaskoa'
import type Koa from 'koa'
import { portOf } from '../support/serve'

const endless = () => new Readable({ read: () => undefined })

/** Sends two pipelined requests and closes the connection while both views wait. The answer to the second is made after that. */
async function answerTooLate(answer: () => unknown, middleware: Koa.Middleware[] = []): Promise<void> {
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
      return answer() as string
    }
  }

  const server = bootstrap(App, { logger: false, middleware }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(portOf(server), '127.0.0.1')
  client.write('GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n')
  await bothAreIn
  client.destroy()
  server.close()
}

test('a stream that a view returns after the connection of its pipelined request has closed is closed', async () => {
  const source = endless()
  // Not `once`, which rejects: the stream may be closed with the error that its response has closed.
  const closed = new Promise(resolve => source.once('close', resolve))
  await answerTooLate(() => source)
  await closed
  expect(source.destroyed).toBe(true)
})

/** Puts a body in the place of the late answer. */
const replaceBody =
  (body: unknown): Koa.Middleware =>
  async (ctx, next) => {
    await next()
    if (ctx.path === '/second') ctx.body = body
  }

test('so is a stream that outer middleware puts there', async () => {
  const source = endless()
  const closed = new Promise(resolve => source.once('close', resolve))
  await answerTooLate(() => 'text', [replaceBody(source)])
  await closed
  expect(source.destroyed).toBe(true)
})

test('a stream of the old kind, which has no destroy(), does no harm there', async () => {
  let ended = () => {}
  const end = new Promise<void>(resolve => (ended = resolve))
  const errors: unknown[] = []
  const last: Koa.Middleware = async (ctx, next) => {
    ctx.app.on('error', error => errors.push(error))
    await next()
    if (ctx.path === '/second') setImmediate(ended)
  }
  await answerTooLate(() => 'text', [last, replaceBody(new Stream())])
  await end
  expect(errors).toEqual([])
})
