import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { connect, createServer, type ClientHttp2Stream } from 'node:http2'
import Koa from 'koa'
import mount from 'koa-mount'
import { Get, bootstrap, eventStream, gracefulShutdown, lifecycle } from 'flaskoa'
import { settled } from '../support/gate'
import { log } from '../support/log'
import { LoggedEnds } from '../support/logged-ends'
import { portOf } from '../support/serve'

class Outer extends LoggedEnds {
  name = 'outer'
}
class Events extends LoggedEnds {
  name = 'inner'
  @Get('/waits') waits() {
    return eventStream(async function* (_, signal) {
      yield 'first'
      await once(signal, 'abort')
    })
  }
  @Get('/silent') silent() {
    return eventStream(async function* (_, signal) {
      await once(signal, 'abort')
      yield 'never sent'
    })
  }
  @Get('/fails') fails() {
    return eventStream(async function* (_, signal) {
      try {
        yield 'first'
        await once(signal, 'abort')
      } finally {
        // eslint-disable-next-line no-unsafe-finally -- the mistake that is tested
        throw new Error('in the end')
      }
    })
  }
}
const app = () => bootstrap(Events, { logger: false })

/** Opens an event stream and waits for its first bytes. */
async function reading(url: string): Promise<IncomingMessage> {
  const sent = get(url, { agent: false }).on('error', () => undefined)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.on('error', () => undefined)
  await once(response, 'data')
  return response.resume()
}

/** Opens a stream of each path, shuts down, and returns whether each response came as a whole, and the errors. */
async function shutDown(koa: Koa, named: Koa, paths: readonly string[]) {
  const errors: string[] = []
  koa.on('error', error => errors.push(String(error)))
  const server = koa.listen(0, '127.0.0.1')
  const shutdown = gracefulShutdown(server, { app: named, grace: 1 })
  shutdown.uninstall()
  await once(server, 'listening')
  const responses = await Promise.all(paths.map(path => reading(`http://127.0.0.1:${portOf(server)}${path}`)))
  await Promise.all([shutdown.close(), ...responses.map(each => new Promise(resolve => each.once('close', resolve)))])
  return { errors, whole: responses.map(({ complete }) => complete) }
}

describe('a shutdown', () => {
  test('ends a stream that waits, and one that has sent no event yet', async () => {
    const koa = app()
    expect(await shutDown(koa, koa, ['/waits', '/silent'])).toEqual({ errors: [], whole: [true, true] })
    expect([...log].sort()).toEqual(['inner 200 whole', 'inner 200 whole', 'inner teardown', 'inner teardown'])
  })

  test('reports what the finally of a source throws, once', async () => {
    const koa = app()
    const { errors } = await shutDown(koa, koa, ['/fails'])
    expect(errors).toEqual(['Error: in the end'])
    expect(log).toEqual(['inner teardown', 'inner 200 whole in the end'])
  })

  test.each<[string, () => [Koa, Koa]]>([
    [
      'both middleware',
      () => {
        const koa = new Koa().use(lifecycle(Outer)).use(lifecycle(Events))
        return [koa, koa]
      },
    ],
    [
      'mounted',
      () => {
        const mounted = app()
        return [new Koa().use(lifecycle(Outer)).use(mount('/', mounted)), mounted]
      },
    ],
  ])('ends streams of a lifecycle inside of another: %s', async (_, make) => {
    const { errors, whole } = await shutDown(...make(), ['/waits'])
    expect([errors, whole]).toEqual([[], [true]])
    expect([...log].sort()).toEqual(['inner 200 whole', 'inner teardown', 'outer 200 whole', 'outer teardown'])
  })

  test('over HTTP/2, several streams of one session', async () => {
    const koa = app()
    const listener = koa.callback()
    const server = createServer((req, res) => void listener(req, res)).listen(0, '127.0.0.1')
    const shutdown = gracefulShutdown(server, { app: koa, grace: 1 })
    shutdown.uninstall()
    await once(server, 'listening')
    const session = connect(`http://127.0.0.1:${portOf(server)}`)
    const streams: ClientHttp2Stream[] = ['/waits', '/silent'].map(path => session.request({ ':path': path }))
    await Promise.all(streams.map(stream => once(stream, 'data')))
    await settled()
    await Promise.all([shutdown.close(), ...streams.map(stream => once(stream.resume(), 'close'))])
    expect(streams.map(({ rstCode }) => rstCode)).toEqual([0, 0])
    expect([...log].sort()).toEqual(['inner 200 whole', 'inner 200 whole', 'inner teardown', 'inner teardown'])
  })
})
