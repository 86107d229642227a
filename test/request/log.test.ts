import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { PassThrough, Readable } from 'node:stream'
import type Koa from 'koa'
import createError from 'http-errors'
import serveFiles from 'koa-static'
import { bodyParser } from '@koa/bodyparser'
import {
  abort,
  AfterRequest,
  AfterResponse,
  bootstrap,
  Get,
  lifecycle,
  request,
  streamWithContext,
  TeardownAppContext,
  TeardownRequest,
  withAppContext,
  type BootstrapOptions,
  type Class,
  type LogEntry,
} from 'flaskoa'
import { ask, type AskOptions } from '../support/ask'
import { koaOf } from '../support/worlds'
import { serve, serveHttp2 } from '../support/serve'
import { until } from '../support/until'

/** What the logger got: each time all of its arguments. */
let logged: [LogEntry, string][] = []
const logger = { error: (...line: [LogEntry, string]) => void logged.push(line) }
const messages = () => logged.map(([, message]) => message)

let console_: jest.SpyInstance
beforeEach(() => {
  logged = []
  console_ = jest.spyOn(console, 'error').mockImplementation()
})
afterEach(() => console_.mockRestore())

let thrown: unknown
class App {
  @Get('/view') view(): never {
    throw thrown
  }

  @Get('/fine') fine() {
    return 'fine'
  }
}

/** Sends a request to an application whose log is kept. */
const askApp = (controller: Class, path: string, options: BootstrapOptions = {}, request: AskOptions = {}) =>
  serve(bootstrap(controller, { logger, ...options }), url => ask(url + path, request))

const unreadableError = () =>
  Object.defineProperty(new Error(), 'message', {
    get() {
      throw new Error('no message')
    },
  })

describe('a log entry', () => {
  test.each<[string, () => Error]>([
    ['with its causes', () => new Error('outside', { cause: new RangeError('inside', { cause: 'a text' }) })],
    ['with all errors of an AggregateError', () => new AggregateError([new Error('one'), new Error('two')], 'both')],
    ['that is frozen', () => Object.freeze(new Error('frozen'))],
  ])('has the error itself, %s', async (_, make) => {
    thrown = make()
    await askApp(App, '/view')
    await askApp(App, '/view', { propagateExceptions: true })
    await askApp(App, '/view', { middleware: [() => Promise.reject(thrown)] })
    expect(logged.map(([{ err }]) => err === thrown)).toEqual([true, true, true])
    expect(messages()).toEqual(Array<string>(3).fill(`Exception on /view [GET]: ${(thrown as Error).message}`))
  })

  test('has the ctx of the request, which a logger can make JSON of', async () => {
    thrown = new Error('failed')
    let json = ''
    const serializing = { error: (entry: LogEntry) => (json = JSON.stringify(entry)) }
    await askApp(App, '/view?a=b', { logger: serializing })
    expect(JSON.parse(json)).toMatchObject({ ctx: { request: { method: 'GET', url: '/view?a=b' } } })
    await askApp(App, '/view?a=b')
    expect(logged[0]?.[0].ctx?.querystring).toBe('a=b')
  })

  test('of the console has the message first, then the error', async () => {
    thrown = new Error('outside', { cause: new Error('inside') })
    await askApp(App, '/view', { logger: console })
    await askApp(App, '/view', { logger: undefined })
    const entry = ['Exception on /view [GET]: outside', thrown]
    expect(console_.mock.calls).toEqual([entry, entry])
    expect(console_.mock.calls.every(([, err]) => err === thrown)).toBe(true)
  })

  test('also of another console', async () => {
    thrown = new Error('failed')
    const written: string[] = []
    const stream = Object.assign(Readable.from([]), { write: (text: string) => written.push(text) })
    const other = new console.Console(stream as unknown as NodeJS.WritableStream)
    await askApp(App, '/view', { logger: other })
    expect(written.join('')).toMatch(/^Exception on \/view \[GET\]: failed Error: failed\n +at /)
  })

  test.each<[string, unknown, unknown]>([
    ['without a message', new AggregateError([new Error('refused')]), 'AggregateError'],
    [
      'whose message is no text',
      Object.assign(new Error('x'), { message: Object.create(null) as unknown }),
      'an object of class Error',
    ],
    ['that is a text', 'a text', 'a value that is not an Error was thrown: "a text"'],
  ])('has a text for an error %s', async (_, value, text) => {
    thrown = value
    await askApp(App, '/view')
    expect(messages()).toEqual([`Exception on /view [GET]: ${String(text)}`])
  })

  test('has the causes and the errors of an error that the logger cannot mark', async () => {
    const inner = new Error('inside', { cause: 'a text' })
    const failed = new AggregateError([new RangeError('one'), 2, unreadableError()], 'outside', { cause: inner })
    inner.cause = failed
    thrown = Object.freeze(failed)
    // As pino marks the errors that it has seen, to notice a circle.
    const marking = {
      error: (entry: LogEntry, message: string) => {
        Object.assign(entry.err as Error, { seen: true })
        logger.error(entry, message)
      },
    }
    await askApp(App, '/view', { logger: marking })
    const { err } = logged[0]?.[0] as { err: AggregateError }
    expect(err).toMatchObject({ name: 'AggregateError', message: 'outside', stack: failed.stack })
    expect(err.errors).toMatchObject([
      { name: 'RangeError', message: 'one' },
      2,
      { message: expect.stringContaining('cannot be read') as string },
    ])
    expect(err.cause).toMatchObject({ message: 'inside', stack: inner.stack })
    expect((err.cause as Error).cause).toBe(err)
  })

  test('has a hundred of the errors of a chain that is too long for the logger', async () => {
    const errors = Array.from({ length: 20_000 }, (_, index) => new Error(`number ${index}`))
    thrown = errors.reduce((cause, error) => Object.assign(error, { cause }))
    const walking = {
      error: (entry: LogEntry, message: string) => {
        const depth = (error: unknown): number => 1 + (error instanceof Error ? depth(error.cause) : 0)
        depth(entry.err)
        logger.error(entry, message)
      },
    }
    await askApp(App, '/view', { logger: walking })
    expect(messages()).toEqual(['Exception on /view [GET]: number 19999'])
    let last = logged[0]?.[0].err as Error
    let count = 1
    for (; last.cause !== undefined; last = last.cause as Error) count++
    expect([count, last.message]).toEqual([101, 'Further errors are not logged.'])
  })

  test('says what can be said of an error that the logger cannot read', async () => {
    thrown = Object.defineProperty(new Error('hidden'), 'details', {
      enumerable: true,
      get: () => JSON.parse('{') as unknown,
    })
    const reading = {
      error: (entry: LogEntry, message: string) => logger.error(Object.assign({}, entry, entry.err), message),
    }
    await askApp(App, '/view', { logger: reading })
    expect(messages()).toEqual(['Exception on /view [GET]: hidden'])
    expect(logged[0]?.[0].err).toMatchObject({
      message: 'hidden',
      stack: expect.stringContaining('log.test') as string,
    })
  })
})

test('an error that cannot be read has one error in its place, however often it is thrown', async () => {
  thrown = Object.defineProperty(new Error('hidden'), 'message', { get: () => JSON.parse('{') as unknown })
  for (const _ of [1, 2]) await askApp(App, '/fine', { middleware: [() => Promise.reject(thrown)] })
  expect(logged).toHaveLength(2)
  expect(logged[0]?.[0].err).toBe(logged[1]?.[0].err)
  expect(logged[0]?.[0].err?.cause).toBe(thrown)
})

describe('logger: false', () => {
  test('writes nothing, also when a listener throws', async () => {
    thrown = new Error('failed')
    const app = bootstrap(App, { logger: false }).on('error', () => {
      throw new Error('listener')
    })
    await serve(app, url => ask(`${url}/view`))
    expect(console_).not.toHaveBeenCalled()
  })

  test('otherwise what a listener throws is logged, with the error that it was given', async () => {
    thrown = new Error('failed')
    const failure = new TypeError('listener')
    const app = bootstrap(App, { logger }).on('error', () => {
      throw failure
    })
    await serve(app, url => ask(`${url}/view`))
    const message = 'A listener for the error event threw: listener, while it handled: failed'
    expect(messages()).toEqual(['Exception on /view [GET]: failed', message])
    expect((logged[1]?.[0].err as AggregateError).errors).toEqual([failure, thrown])
    expect(console_).not.toHaveBeenCalled()
  })

  test('a logger that throws leaves both errors to the console; if that throws, the request still ends', async () => {
    thrown = new Error('failed')
    const full = {
      error: () => {
        throw new Error('disk full')
      },
    }
    expect((await askApp(App, '/view', { logger: full })).status).toBe(500)
    const message = 'A listener for the error event threw: disk full, while it handled: failed'
    expect(console_.mock.calls).toEqual([[message, expect.any(AggregateError)]])
    console_.mockImplementation(full.error)
    expect((await askApp(App, '/view', { logger: full })).status).toBe(500)
  })

  test.each<[string, () => unknown]>([
    ['is asynchronous and throws', () => Promise.reject(new Error('logger'))],
    [
      'returns a promise of its own that rejects',
      () => ({ then: (_: unknown, fail: (e: Error) => void) => fail(new Error('logger')) }),
    ],
    [
      'returns a promise that throws',
      () =>
        Object.defineProperty({}, 'then', {
          get: () => {
            throw new Error('logger')
          },
        }),
    ],
  ])('a logger that %s leaves both errors to the console', async (_, error) => {
    thrown = new Error('failed')
    expect((await askApp(App, '/view', { logger: { error } })).status).toBe(500)
    await until('the console has both', () => console_.mock.calls.length > 0)
    const [[message, both], ...rest] = console_.mock.calls as [[string, AggregateError]]
    expect(message).toBe('The logger failed: logger, while it handled: failed')
    expect(both.errors).toEqual([new Error('logger'), thrown])
    expect(rest).toEqual([])
  })

  test('an application without a listener for errors logs them by the console', async () => {
    class Script {
      @Get('/') index() {
        return ''
      }
      @TeardownAppContext fails() {
        throw new Error('alone')
      }
    }
    await withAppContext(koaOf(lifecycle(Script)), () => undefined)
    expect(console_.mock.calls).toEqual([['Exception: alone', new Error('alone')]])
  })
})

describe('an error of outer middleware that Koa answers with a 4xx is not logged', () => {
  const root = mkdtempSync(`${tmpdir()}/flaskoa-log-`)
  afterAll(() => rmSync(root, { recursive: true }))

  const throwing =
    (error: unknown): Koa.Middleware =>
    () =>
      Promise.reject(error)
  const telling: Koa.Middleware = async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      ctx.status = 409
      ctx.app.emit('error', error, ctx)
    }
  }
  const post = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{' }

  test.each<[string, Koa.Middleware[], number, string, AskOptions]>([
    ['koa-static with a malformed URL', [serveFiles(root)], 400, '/u/%E9', {}],
    ['a body that is no JSON', [bodyParser()], 400, '/fine', post],
    ['ctx.throw(401)', [ctx => ctx.throw(401)], 401, '/fine', {}],
    ['a status alone', [throwing(Object.assign(new Error('x'), { status: 403 }))], 403, '/fine', {}],
    ['a statusCode', [throwing(Object.assign(new Error('x'), { statusCode: 403 }))], 403, '/fine', {}],
    ['one that middleware reports itself', [telling, throwing(createError(409))], 409, '/fine', {}],
  ])('%s', async (_, middleware, status, path, request) => {
    const events: unknown[] = []
    for (const debug of [false, true]) {
      const app = bootstrap(App, { logger, middleware, debug }).on('error', error => events.push(error))
      expect((await serve(app, url => ask(url + path, request))).status).toBe(status)
    }
    expect([logged, events.length]).toEqual([[], 2])
  })

  test.each<[string, unknown, number]>([
    ['a 5xx', createError(503, 'down'), 503],
    ['an error without a status', new Error('down'), 500],
    ['a status that HTTP does not name', Object.assign(new Error('down'), { status: 499 }), 500],
    ['a status that is no number', Object.assign(new Error('down'), { status: '404' }), 500],
  ])('but %s is', async (_, error, status) => {
    const middleware = [throwing(error)]
    expect((await askApp(App, '/fine', { middleware })).status).toBe(status)
    expect((await askApp(App, '/fine', { middleware, debug: true })).status).toBe(status)
    expect(messages()).toEqual(Array<string>(2).fill('Exception on /fine [GET]: down'))
  })
})

describe('a 4xx that is no answer to the request is logged', () => {
  class FailsAfter extends App {
    @AfterRequest after(): never {
      abort(404, 'gone')
    }
  }
  class FailsInTeardown extends App {
    @TeardownRequest teardown() {
      abort(404, 'gone')
    }
  }
  class FailsAfterResponse extends App {
    @AfterResponse end() {
      abort(404, 'gone')
    }
  }

  test.each<[string, Class]>([
    ['of an after method', FailsAfter],
    ['of a teardown method', FailsInTeardown],
    ['of an @AfterResponse method', FailsAfterResponse],
  ])('%s', async (_, controller) => {
    await serve(bootstrap(controller, { logger }), async url => {
      await ask(`${url}/fine`)
      await until('it is logged', () => logged.length === 1)
    })
    expect(messages()).toEqual(['Exception on /fine [GET]: gone'])
  })

  test('of an error that only has the status of another server', async () => {
    thrown = Object.assign(new Error('upstream'), { status: 404 })
    for (const options of [{}, { propagateExceptions: true }, { debug: true }]) await askApp(App, '/view', options)
    expect(messages()).toEqual(Array<string>(3).fill('Exception on /view [GET]: upstream'))
  })

  test('of a stream, behind the first bytes', async () => {
    class Streaming {
      @Get('/') async *index() {
        yield 'a'
        await new Promise(resolve => setImmediate(resolve))
        throw createError(404, 'gone')
      }
    }
    await expect(askApp(Streaming, '/')).rejects.toThrow('aborted')
    expect(messages()).toEqual(['Exception in the body stream of / [GET]: gone'])
  })
})

const ignore = () => undefined

describe('the message says that the body stream has failed, and not the view', () => {
  const failing = async function* () {
    yield 'a'
    await new Promise(resolve => setImmediate(resolve))
    throw new Error('cut')
  }
  class Streaming {
    @Get('/node') node() {
      return Readable.from(failing())
    }
    @Get('/iterable') iterable() {
      return failing()
    }
    @Get('/web') web() {
      return ReadableStream.from(failing()) as ReadableStream
    }
    @Get('/objects') objects() {
      return Readable.from(failing(), { objectMode: true })
    }
    @Get('/fetch') fetched() {
      return new Response(ReadableStream.from(failing()) as ReadableStream)
    }
    @Get('/kept') kept() {
      return streamWithContext(failing)
    }
    @TeardownRequest teardown() {
      if (request.query.teardown !== undefined) throw new Error('later')
    }
  }
  const paths = ['/node', '/iterable', '/web', '/objects', '/fetch', '/kept']

  test.each(paths)('%s, over HTTP/1 and HTTP/2', async path => {
    await expect(askApp(Streaming, path)).rejects.toThrow('aborted')
    const app = bootstrap(Streaming, { logger })
    await serveHttp2(app, async session => {
      await once(session.request({ ':path': path }).resume(), 'end').catch(ignore)
      await until('both are logged', () => logged.length === 2)
    })
    expect(messages()).toEqual(Array<string>(2).fill(`Exception in the body stream of ${path} [GET]: cut`))
  })

  test('behind middleware that sends another stream in its place', async () => {
    const middleware: Koa.Middleware = async (ctx, next) => {
      await next()
      ctx.body = (ctx.body as Readable).pipe(new PassThrough())
    }
    await expect(askApp(Streaming, '/node', { middleware: [middleware] })).rejects.toThrow('aborted')
    expect(messages()).toEqual(['Exception in the body stream of /node [GET]: cut'])
  })

  test('an error of its teardown is no error of the stream', async () => {
    await expect(askApp(Streaming, '/kept?teardown')).rejects.toThrow('aborted')
    await until('both are logged', () => logged.length === 2)
    expect(messages().sort()).toEqual([
      'Exception in the body stream of /kept [GET]: cut',
      'Exception on /kept [GET]: later',
    ])
  })

  test('an error event with a ctx of its own has the other message', () => {
    bootstrap(App, { logger }).emit('error', new Error('own'), { path: '/p', method: 'PUT' })
    expect(messages()).toEqual(['Exception on /p [PUT]: own'])
  })
})
