import { once } from 'node:events'
import { connect, constants, createServer, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2'
import { connect as connectSocket, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import type Koa from 'koa'
import { AfterResponse, Post, Route, streamWithContext, TeardownRequest, type Context, type Outcome } from 'flaskoa'
import { settled } from '../support/gate'
import { portOf } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

// HTTP/2 clients that reset their stream, or end their connection, at each stage of a response, with each kind of code.

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants

/** More than a stream's window lets through to a client that does not read. */
const LONG = 1_000_000

async function* long() {
  for (let sent = 0; sent < LONG; sent += 10_000) {
    yield 'x'.repeat(10_000)
    await settled()
  }
}

/** What has happened to the requests of a test. */
class Ledger {
  entered = 0
  torn: (string | undefined)[] = []
  outcomes: Outcome[] = []
  signals: AbortSignal[] = []
}
let ledger = new Ledger()
beforeEach(() => (ledger = new Ledger()))

const methods = ['GET', 'HEAD', 'POST']

class App {
  /** Ends only when its client has left. */
  @Route('/works', { methods }) async works(ctx: Context) {
    this.#enter(ctx)
    if (!ctx.signal.aborted) await once(ctx.signal, 'abort')
    return 'late'
  }
  @Route('/text', { methods }) text(ctx: Context) {
    this.#enter(ctx)
    return 'x'.repeat(LONG)
  }
  @Route('/held', { methods }) held(ctx: Context) {
    this.#enter(ctx)
    return streamWithContext(long)
  }
  @Route('/plain', { methods }) plain(ctx: Context) {
    this.#enter(ctx)
    return Readable.from(long())
  }
  @Route('/by-hand', { methods }) async byHand(ctx: Context) {
    this.#enter(ctx)
    ctx.respond = false
    for await (const chunk of long()) ctx.res.write(chunk)
    ctx.res.end()
    return ctx.response
  }
  @Post('/read') async read(ctx: Context) {
    this.#enter(ctx)
    ctx.req.once('readable', () => ctx.req.read(1))
    await once(ctx.req, 'readable')
    return 'x'.repeat(LONG)
  }
  /** Its source ends after its client has left. */
  @Route('/length', { methods }) length(ctx: Context) {
    this.#enter(ctx)
    ctx.length = 5
    const source = async function* () {
      yield 'whole'
      if (ctx.req.method === 'GET') await new Promise(resolve => ctx.res.once('close', resolve))
    }
    return streamWithContext(source)
  }
  @Post('/part') async part(ctx: Context) {
    this.#enter(ctx)
    await once(ctx.req, 'readable')
    ctx.req.read(1)
    return 'part'
  }
  @TeardownRequest() teardown(error: Error | undefined) {
    ledger.torn.push(error?.name)
  }
  @AfterResponse() record(outcome: Outcome) {
    ledger.outcomes.push(outcome)
  }
  #enter({ signal }: Context) {
    ledger.entered++
    ledger.signals.push(signal)
  }
}

type Leave = (stream: ClientHttp2Stream, session: ClientHttp2Session, socket: Socket) => unknown
const leaves: [string, Leave][] = [
  ['a reset with NO_ERROR', stream => stream.close(NGHTTP2_NO_ERROR)],
  ['a reset with CANCEL', stream => stream.close(NGHTTP2_CANCEL)],
  ['a reset with INTERNAL_ERROR', stream => stream.close(NGHTTP2_INTERNAL_ERROR)],
  ['the end of its connection', (_, session) => session.destroy()],
  ['a GOAWAY with an error', (_, session) => session.destroy(undefined, NGHTTP2_INTERNAL_ERROR)],
  ['a reset of its socket', (_, _session, socket) => socket.resetAndDestroy()],
]

describe.each(worlds)('HTTP/2 %s', (world, make) => {
  const reported: Error[] = []
  beforeEach(() => (reported.length = 0))

  async function served(
    use: (session: ClientHttp2Session, socket: Socket) => Promise<unknown>,
    ...middleware: Koa.Middleware[]
  ): Promise<void> {
    const handle = make(App, middleware)
      .on('error', (error: Error) => reported.push(error))
      .callback()
    const server = createServer((req, res) => void handle(req, res)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connectSocket(portOf(server), '127.0.0.1')
    const session = connect('http://127.0.0.1', { createConnection: () => socket }).on('error', () => undefined)
    await use(session, socket)
    session.destroy()
    server.close()
    // Node's own server does not close while a session is left.
    await once(server, 'close')
  }

  const isOver = () => until('the request has ended', () => ledger.outcomes.length > 0 && ledger.torn.length > 0)

  describe.each(leaves)('a client that leaves by %s', (_, leave) => {
    test.each([
      ['GET', '/works'],
      ['HEAD', '/works'],
      ['POST', '/works'],
      ['GET', '/text'],
      ['POST', '/text'],
      ['GET', '/held'],
      ['POST', '/held'],
      ['GET', '/plain'],
      ['GET', '/by-hand'],
      ['POST', '/read'],
    ])('%s %s', async (method, path) => {
      await served(async (session, socket) => {
        const stream = session.request({ ':method': method, ':path': path }, { endStream: method !== 'POST' })
        stream.on('error', () => undefined)
        if (method === 'POST') stream.write('x'.repeat(30_000))
        if (path === '/works') await until('the view works', () => ledger.entered)
        else await once(stream, 'response')
        leave(stream, session, socket)
        await isOver()
        await settled()
      })
      const [outcome] = ledger.outcomes
      expect(ledger).toMatchObject({ entered: 1, signals: [{ aborted: true, reason: { name: 'AbortError' } }] })
      expect([ledger.torn.length, ledger.outcomes.length, outcome?.aborted]).toEqual([1, 1, true])
      expect(ledger.torn[0]).toBe(path === '/held' ? 'AbortError' : undefined)
      expect(outcome).toMatchObject({ error: undefined, handled: true })
      if (path === '/works') expect(outcome?.bytesSent).toBe(0)
      // Koa itself reports that a stream was closed.
      if (world === 'in bootstrap') expect(reported).toEqual([])
    })
  })

  describe('a client that has received the whole response has not aborted it', () => {
    const whole = (outcome: Partial<Outcome> = {}) => {
      expect(ledger.torn).toEqual([undefined])
      expect(ledger.outcomes).toMatchObject([{ error: undefined, handled: true, aborted: false, ...outcome }])
      expect(ledger.signals.map(({ aborted }) => aborted)).toEqual(ledger.signals.map(() => false))
      if (world === 'in bootstrap') expect(reported).toEqual([])
    }

    test.each([
      ['NO_ERROR', NGHTTP2_NO_ERROR],
      ['CANCEL', NGHTTP2_CANCEL],
    ])('a reset with %s after the last byte of Content-Length', async (_, code) => {
      await served(async session => {
        const stream = session.request({ ':path': '/length' }).on('error', () => undefined)
        await once(stream, 'data')
        stream.close(code)
        await isOver()
      })
      whole({ bytesSent: 5 })
    })

    test.each([
      ['NO_ERROR', NGHTTP2_NO_ERROR],
      ['CANCEL', NGHTTP2_CANCEL],
    ])('a reset with %s after the end of the stream, before the end of the request', async (_, code) => {
      await served(async session => {
        const stream = session.request({ ':method': 'POST', ':path': '/length' }, { endStream: false })
        stream.on('error', () => undefined).resume()
        await once(stream, 'end')
        stream.close(code)
        await isOver()
      })
      whole({ bytesSent: 5 })
    })

    test('HEAD, whose connection ends with the response', async () => {
      await served(async session => {
        await once(session.request({ ':method': 'HEAD', ':path': '/length' }), 'response')
        session.destroy()
        await isOver()
      })
      whole({ bytesSent: 0 })
    })

    test('whose request the view has read in part', async () => {
      await served(async session => {
        const stream = session.request({ ':method': 'POST', ':path': '/part' }, { endStream: false }).resume()
        stream.end('x'.repeat(200_000))
        await isOver()
      })
      whole({ bytesSent: 4 })
    })
  })

  test('a stream that is reset before the lifecycle sees it', async () => {
    let reads = false
    const late: Koa.Middleware = async (ctx, next) => {
      await once(ctx.req, 'readable')
      reads = ctx.req.read(1) !== null
      await once(ctx.req, 'aborted')
      await next()
    }
    await served(async session => {
      const stream = session.request({ ':method': 'POST', ':path': '/works' }, { endStream: false })
      stream.on('error', () => undefined).write('x'.repeat(30_000))
      await until('the middleware has read', () => reads)
      stream.close(NGHTTP2_NO_ERROR)
      await isOver()
    }, late)
    expect(ledger.outcomes).toMatchObject([{ aborted: true }])
    expect(ledger.torn).toHaveLength(1)
  })
})
