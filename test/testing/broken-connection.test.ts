import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import {
  AfterRequest,
  BeforeRequest,
  Post,
  Route,
  TeardownRequest,
  bootstrap,
  type Context,
  type KoaResponse,
} from 'flaskoa'
import { testClient, testRequestContext } from 'flaskoa/testing'
import { ask } from '../support/ask'
import { settled } from '../support/gate'
import { serve } from '../support/serve'
import { log, note } from '../support/log'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

// Where a connection breaks, the test client rejects, as a client behind a socket does.

/** What a method may do to its connection. */
const breaks: Record<string, (ctx: Context) => unknown> = {
  'req.destroy': ({ req }) => req.destroy(),
  'req.destroy(error)': ({ req }) => req.once('error', () => {}).destroy(new Error('broken')),
  'res.destroy': ({ res }) => res.destroy(),
  'res.destroy(error)': ({ res }) => res.destroy(new Error('broken')),
  'req.socket.destroy': ({ req }) => req.socket.destroy(),
  'res.socket.destroy': ({ res }) => res.socket?.destroy(),
  'socket.destroy': ({ socket }) => socket.destroy(),
  'socket.resetAndDestroy': ({ socket }) => socket.resetAndDestroy(),
  'socket.destroySoon': ({ socket }) => socket.destroySoon(),
  'socket.end': ({ socket }) => void socket.end(),
  'not-http': ({ socket }) => void socket.end('not HTTP\r\n\r\n'),
  'part-of-a-head': ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\nContent-'),
}

class App {
  @BeforeRequest() before(ctx: Context) {
    if (ctx.path.startsWith('/before/')) broken(ctx)
  }
  @Route('/before/<name>') after() {
    return 'x'
  }
  @Route('/view/<name>') view(_: { name: string }, ctx: Context) {
    broken(ctx)
    return 'x'
  }
  @Route('/later/<name>') async later(_: { name: string }, ctx: Context) {
    await settled()
    broken(ctx)
    await settled()
    return 'x'
  }
  @Post('/read/<name>') async read(_: { name: string }, ctx: Context) {
    await buffer(ctx.req)
    broken(ctx)
    return 'x'
  }
  @Route('/after/<name>') inAfter() {
    return 'x'
  }
  @AfterRequest() afterwards(response: KoaResponse) {
    if (response.ctx.path.startsWith('/after/')) broken(response.ctx as Context)
    return response
  }
  @Route('/half') half(ctx: Context) {
    ctx.respond = false
    ctx.res.write('half')
    ctx.res.destroy()
    return ctx.response
  }
  @Route('/short') short(ctx: Context) {
    ctx.respond = false
    ctx.res.setHeader('Content-Length', 100)
    ctx.res.end('short')
    return ctx.response
  }
  @Route('/stream') stream() {
    return Readable.from(
      (function* () {
        yield 'a part'
        throw new Error('broken')
      })(),
    )
  }
  @Route('/timeout') async timeout(ctx: Context) {
    ctx.req.setTimeout(1)
    await once(ctx.socket, 'close')
    return 'too late'
  }
  @TeardownRequest() async teardown(_: unknown, ctx: Context) {
    await settled()
    note(`torn down ${ctx.path}`)
  }
}

function broken(ctx: Context): void {
  breaks[ctx.path.slice(ctx.path.lastIndexOf('/') + 1)]?.(ctx)
}

const places = ['before', 'view', 'later', 'read', 'after']
const paths = [
  ...Object.keys(breaks).flatMap(name => places.map(place => `/${place}/${name}`)),
  ...['/half', '/short', '/stream', '/timeout'],
]

describe.each(worlds)('%s', (_, make) => {
  /** A body that has been read is closed already. */
  const isKept = (path: string) => path.startsWith('/read/req.destroy')

  test.each(paths)('the test client and a client on a socket see the same: %s', async path => {
    const method = path.startsWith('/read/') ? 'POST' : 'GET'
    const options = method === 'POST' ? { body: 'read' } : {}
    const expected = isKept(path) ? '200 x' : 'rejected'
    expect(await seen(testClient(make(App, [])).request(method, path, options))).toBe(expected)
    expect(log).toEqual([`torn down ${path}`])
    expect(await serve(make(App, []), url => seen(ask(url + path, { method, ...options })))).toBe(expected)
    await until('the request on a socket is torn down', () => log.length === 2)
  })
})

/** What a client receives. */
const seen = (response: Promise<{ readonly status: number; readonly text: string }>) =>
  response.then(
    ({ status, text }) => `${status} ${text}`,
    () => 'rejected',
  )

test('the socket of a request has the methods that applications call', async () => {
  class Calls {
    @Post('/') async index({ req, socket }: Context) {
      await new Promise(resolve => req.setTimeout(1, () => resolve(undefined)))
      socket.setTimeout(60_000, () => note('timeout'))
      const { length } = await buffer(req)
      const same = [socket.setNoDelay(true), socket.setKeepAlive(true), socket.setTimeout(0)]
      return { length, isSame: same.every(each => each === socket), remoteAddress: socket.remoteAddress }
    }
  }
  const response = await testClient(bootstrap(Calls)).post('/', { body: Buffer.alloc(1_000_000) })
  expect(response.json()).toEqual({ length: 1_000_000, isSame: true, remoteAddress: '127.0.0.1' })
  expect(log).toEqual([])
})

test('a large response that the client refuses is aborted', async () => {
  class Writes {
    @Route('/') async index(ctx: Context) {
      ctx.signal.addEventListener('abort', () => note('aborted'))
      ctx.socket.write(Buffer.alloc(5_000_000, 'not HTTP'))
      await once(ctx.signal, 'abort')
      return ''
    }
  }
  await expect(testClient(bootstrap(Writes)).get('/')).rejects.toThrow()
  expect(log).toEqual(['aborted'])
})

test('a method that Node does not know gets what a socket gets', async () => {
  const app = bootstrap(App)
  const overSocket = await serve(app, url => ask(url, { method: 'FOO' }))
  expect((await testClient(app).request('FOO', '/')).status).toBe(overSocket.status)
})

test('a connection that breaks while a large body is sent rejects', async () => {
  class Breaks {
    @Post('/') index(ctx: Context) {
      ctx.req.destroy()
      return ''
    }
  }
  const client = testClient(bootstrap(Breaks))
  await expect(client.post('/', { body: Buffer.alloc(5_000_000) })).rejects.toThrow()
})

test('testRequestContext rejects where the function breaks the connection', async () => {
  const app = bootstrap(App, { secretKey: 'secret', logger: false })
  await expect(testRequestContext(app, '/view/x', ctx => void ctx.socket.destroy())).rejects.toThrow()
})
