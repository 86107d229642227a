import { once } from 'node:events'
import type { ClientHttp2Session } from 'node:http2'
import { Readable } from 'node:stream'
import type Koa from 'koa'
import {
  AfterResponse,
  Get,
  TeardownRequest,
  makeResponse,
  streamWithContext,
  type Context,
  type Outcome,
} from 'flaskoa'
import { ask } from '../support/ask'
import { serve, serveHttp2 } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

const escaped: unknown[] = []
const note = (error: unknown) => escaped.push(error)
beforeAll(() => process.on('uncaughtException', note).on('unhandledRejection', note))
afterAll(() => process.off('uncaughtException', note).off('unhandledRejection', note))

let outcomes: Outcome[] = []
let torn = 0
let reported: string[] = []
beforeEach(() => {
  outcomes = []
  reported = []
  torn = 0
  escaped.length = 0
})

const late = () =>
  new Readable({
    read() {
      setImmediate(() => {
        this.push('hello')
        this.push(null)
      })
    },
  })

/** Has Node refuse the head: over HTTP/1 a trailer behind a body with a length, over HTTP/2 a second ETag. */
function refuse(ctx: Context) {
  if (ctx.req.httpVersionMajor === 2) ctx.res.setHeader('ETag', ['"a"', '"b"'])
  else ctx.set({ Trailer: 'X-Sum', 'Content-Length': '5' })
}

class App {
  @Get('/text') text(ctx: Context) {
    return afterwards(ctx, 'hello')
  }
  @Get('/stream') stream(ctx: Context) {
    return afterwards(ctx, late())
  }
  @Get('/empty-stream') emptyStream(ctx: Context) {
    return afterwards(ctx, Readable.from([]))
  }
  @Get('/held') held(ctx: Context) {
    return afterwards(ctx, streamWithContext(late()))
  }
  @Get('/message') message(ctx: Context) {
    ctx.status = 200
    ctx.message = 'not\nvalid'
    return late()
  }
  @Get('/204') none(ctx: Context) {
    return afterwards(ctx, makeResponse('', 204))
  }
  @Get('/304') unchanged(ctx: Context) {
    return afterwards(ctx, makeResponse('', 304))
  }
  @Get('/long') long(ctx: Context) {
    ctx.res.strictContentLength = true
    ctx.length = 3
    return Readable.from(['abc', 'too long'], { objectMode: false })
  }
  @Get('/short') short(ctx: Context) {
    ctx.res.strictContentLength = true
    ctx.length = 5
    return Readable.from(['abc'], { objectMode: false })
  }
  @Get('/short-text') shortText(ctx: Context) {
    ctx.body = 'text'
    ctx.res.strictContentLength = true
    ctx.length = 9
    return ctx.response
  }
  @Get('/object') object() {
    return new Readable({ objectMode: true, read() {} }).wrap(legacyObjects())
  }
  @TeardownRequest() tearDown() {
    torn++
  }
  @AfterResponse() ended(outcome: Outcome) {
    outcomes.push(outcome)
  }
}

/** The head is refused whatever the body sets. */
function afterwards<T>(ctx: Context, body: T): T {
  refuse(ctx)
  return body
}

function legacyObjects(): NodeJS.ReadableStream {
  return Readable.from([{ an: 'object' }])
}

function made(make: (typeof worlds)[number][1]): Koa {
  const app = make(App, [])
  app.silent = true
  return app.on('error', (error: NodeJS.ErrnoException) => reported.push(String(error.code)))
}

/** The status and body that a client receives over HTTP/2, and how the stream ended. */
async function askHttp2(session: ClientHttp2Session, path: string, method = 'GET') {
  const stream = session.request({ ':path': path, ':method': method })
  const answer = { status: undefined as unknown, text: '', errored: false }
  stream.on('response', headers => (answer.status = headers[':status']))
  stream.on('data', chunk => (answer.text += String(chunk))).on('error', () => (answer.errored = true))
  stream.end()
  await once(stream, 'close').catch(() => undefined)
  return answer
}

async function ended() {
  await until('the request has ended', () => outcomes.length === 1 && torn === 1)
  await new Promise(setImmediate)
  expect(escaped).toEqual([])
}

const ERROR = 'Internal Server Error'

describe.each(worlds)('what Node refuses to send, %s', (_, make) => {
  test.each(['/text', '/stream', '/empty-stream', '/held', '/message'])(
    'over HTTP/1, the head of %s: the client gets a 500, and the outcome has the error',
    async path => {
      await serve(made(make), async url => {
        expect(await ask(url + path)).toMatchObject({ status: 500, text: ERROR })
        await ended()
      })
      const code = path === '/message' ? 'ERR_INVALID_CHAR' : 'ERR_HTTP_TRAILER_INVALID'
      expect(reported).toEqual([code])
      expect(outcomes[0]).toMatchObject({ status: 500, error: { code }, handled: false, aborted: false })
    },
  )

  test.each(['/long', '/short', '/short-text'])('over HTTP/1, the length of %s: a broken transfer', async path => {
    await serve(made(make), async url => {
      await expect(ask(url + path)).rejects.toThrow(/aborted|socket hang up/)
      await ended()
    })
    expect(reported).toEqual(['ERR_HTTP_CONTENT_LENGTH_MISMATCH'])
    expect(outcomes[0]).toMatchObject({ error: { code: reported[0] }, handled: false, aborted: true })
  })

  test.each([
    ['GET', '/text', ERROR],
    ['HEAD', '/text', ''],
    ['GET', '/stream', ERROR],
    ['GET', '/empty-stream', ERROR],
    ['GET', '/held', ERROR],
    ['HEAD', '/held', ''],
    ['GET', '/204', ERROR],
    ['GET', '/304', ERROR],
  ])('over HTTP/2, the head of %s %s: the client gets a 500', async (method, path, text) => {
    await serveHttp2(made(make), async session => {
      expect(await askHttp2(session, path, method)).toEqual({ status: 500, text, errored: false })
      await ended()
    })
    expect(reported).toEqual(['ERR_HTTP2_HEADER_SINGLE_VALUE'])
    expect(outcomes[0]).toMatchObject({ status: 500, error: { code: reported[0] }, handled: false, aborted: false })
  })

  test('a chunk that is neither text nor bytes: one error, and the request ends', async () => {
    await serve(made(make), async url => {
      await ask(`${url}/object`).catch(() => undefined)
      await ended()
    })
    expect(reported).toEqual(['ERR_INVALID_ARG_TYPE'])
  })
})

describe.each(worlds)('an error of middleware outside of the lifecycle, %s', (_, make) => {
  function appWith(error: () => unknown, prepare: (ctx: Koa.Context) => void = () => undefined): Koa {
    const outer: Koa.Middleware = async (ctx, next) => {
      await next()
      prepare(ctx)
      throw error()
    }
    const app = make(App, [outer])
    app.silent = true
    return app.on('error', (each: Error) => reported.push(each.message))
  }

  test.each([
    ['that cannot be written', () => Object.freeze(Object.assign(new Error('frozen'), { status: 409 })), 409],
    ['whose class has a status without a setter', () => new Teapot('tea'), 418],
    ['whose class has a status with a setter', () => new Kettle('hot'), 503],
  ])('%s has its page', async (_, error, status) => {
    await serve(appWith(error), async url => expect((await ask(url)).status).toBe(status))
    expect(reported).toEqual([error().message])
  })

  test('has its page for HEAD over HTTP/2 as well', async () => {
    await serveHttp2(
      appWith(() => new Teapot('tea')),
      async session => {
        expect(await askHttp2(session, '/', 'HEAD')).toEqual({ status: 418, text: '', errored: false })
        expect(await askHttp2(session, '/', 'GET')).toEqual({ status: 418, text: "I'm a Teapot", errored: false })
      },
    )
    expect(reported).toEqual(['tea', 'tea'])
  })

  test('that the lifecycle has reported already is not reported again, and the request ends', async () => {
    const known = new Error('known')
    class Torn extends App {
      @TeardownRequest() failing() {
        throw known
      }
    }
    const app = make(Torn, [
      async (_ctx, next) => {
        await next()
        throw known
      },
    ])
    app.silent = true
    app.on('error', (each: Error) => reported.push(each.message))
    await serve(app, async url => expect(await ask(url)).toMatchObject({ status: 500, text: ERROR }))
    expect(reported).toEqual(['known'])
  })

  test('is a broken transfer if the page cannot be sent either', async () => {
    const prepare = (ctx: Koa.Context) => {
      ctx.res.end = () => {
        throw new Error('no end')
      }
    }
    const error = jest.spyOn(console, 'error').mockImplementation(() => undefined)
    await serve(
      appWith(() => new Error('failed'), prepare),
      async url => {
        await expect(ask(url)).rejects.toThrow('socket hang up')
      },
    )
    error.mockRestore()
    expect(reported).toEqual(['failed'])
  })
})

class Teapot extends Error {
  readonly #status = 418
  get status() {
    return this.#status
  }
}

class Kettle extends Error {
  #status = 503
  get status() {
    return this.#status
  }
  set status(status: number) {
    this.#status = status
  }
}
