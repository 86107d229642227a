import { PassThrough, Readable } from 'node:stream'
import type Koa from 'koa'
import {
  AfterResponse,
  ErrorHandler,
  Get,
  bootstrap,
  TeardownRequest,
  streamWithContext,
  type Outcome,
  type LogEntry,
} from 'flaskoa'
import createError from 'http-errors'
import { ask } from '../support/ask'
import { serve } from '../support/serve'
import { until } from '../support/until'
import { worlds } from '../support/worlds'

const escaped: unknown[] = []
const note = (error: unknown) => escaped.push(error)
beforeAll(() => process.on('uncaughtException', note).on('unhandledRejection', note))
afterAll(() => process.off('uncaughtException', note).off('unhandledRejection', note))

let thrown: unknown
let torn: unknown[] = []
let outcomes: Outcome[] = []
beforeEach(() => {
  torn = []
  outcomes = []
  escaped.length = 0
})

class App {
  @Get('/view') view(): never {
    throw thrown
  }
  @Get('/rejected') rejected(): Promise<string> {
    return Promise.reject<string>(thrown)
  }
  @Get('/generator') async *generator() {
    yield 'a'
    await Promise.resolve()
    throw thrown
  }
  @Get('/held') held() {
    return streamWithContext(async function* () {
      yield 'a'
      await Promise.resolve()
      throw thrown
    })
  }
  @Get('/destroyed') destroyed() {
    const stream = new PassThrough()
    stream.write('a')
    setImmediate(() => stream.destroy(thrown as Error))
    return stream
  }
  @Get('/emitted') emitted() {
    const stream = new PassThrough()
    stream.write('a')
    setImmediate(() => stream.emit('error', thrown))
    return stream
  }
  @Get('/web') web() {
    return new ReadableStream({
      start(controller) {
        controller.enqueue('a')
        setImmediate(() => controller.error(thrown))
      },
    })
  }
  @Get('/wrapped') wrapped() {
    return Readable.from(this.generator())
  }
  @TeardownRequest() tearDown(error?: Error) {
    torn.push(error)
  }
  @AfterResponse() ended(outcome: Outcome) {
    outcomes.push(outcome)
  }
}

const outer: Koa.Middleware = async (ctx, next) => {
  await next()
  if (ctx.path === '/outer') throw thrown
}

const unreadable = () => {
  throw new Error('it cannot be read')
}
const without = (name: string | symbol, base: object = new Error('broken')) =>
  Object.defineProperty(base, name, { get: unreadable, enumerable: true })
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable(new Error('broken'), {})
  revoke()
  return proxy
}

const PROPERTIES = [
  'stack',
  'name',
  'message',
  'toString',
  'cause',
  'errors',
  'status',
  'statusCode',
  'headers',
  'expose',
  'code',
]
const values: [string, () => unknown][] = [
  ...PROPERTIES.map((name): [string, () => unknown] => [`an error without a readable ${name}`, () => without(name)]),
  ['an error with headers that cannot be read', () => Object.assign(new Error('x'), { headers: without('X-A', {}) })],
  [
    'an HTTP error with such headers',
    () => Object.assign(new Error('x'), { status: 400, expose: true, headers: without('X-A', {}) }),
  ],
  ['an error with headers that Node refuses', () => Object.assign(new Error('x'), { headers: { 'X-A': 'a\nb' } })],
  ['an error that cannot be written', () => Object.freeze(new Error('broken'))],
  ['an object without a readable message', () => without('message', {})],
  ['a proxy that throws', () => new Proxy(new Error('broken'), { get: unreadable, getPrototypeOf: unreadable })],
  ['a revoked proxy', revoked],
  ['a symbol', () => Symbol('broken')],
]

describe.each(worlds)('%s', (_, make) => {
  describe.each(values)('%s', (_, value) => {
    test.each(['/view', '/rejected', '/outer'])('thrown at %s: a page, one error event', async path => {
      const events = await run(path, 'answered')
      expect(events).toBe(1)
    })

    test.each(['/generator', '/held', '/destroyed', '/emitted', '/web', '/wrapped'])(
      'in the stream of %s: a broken transfer, one error event',
      async path => {
        expect(await run(path, 'aborted')).toBe(1)
      },
    )

    async function run(path: string, how: 'answered' | 'aborted'): Promise<number> {
      thrown = value()
      let events = 0
      const app = make(App, [outer]).on('error', () => events++)
      await serve(app, async url => {
        const answer = ask(url + path).then(
          () => 'answered',
          () => 'aborted',
        )
        expect(await answer).toBe(how)
        await until('the request has ended', () => torn.length === 1 && outcomes.length === 1)
      })
      expect(escaped).toEqual([])
      expect(outcomes[0]).toMatchObject({ error: expect.any(Error) as Error })
      return events
    }
  })
})

const answer = (app: Koa, path: string) => serve(app, url => ask(url + path))

test('the log has what can be read of an error', async () => {
  const log: unknown[] = []
  // As loggers do, it reads the stack.
  const logger = { error: ({ err }: LogEntry, message: string) => log.push(message, err?.stack) }
  const lineOfTemplate = Symbol.for('flaskoa.sourceFrames')
  for (const value of [
    without('stack'),
    without('name', without('stack')),
    without(lineOfTemplate, without('stack')),
  ]) {
    thrown = value
    await answer(bootstrap(App, { logger }), '/view')
  }
  expect(log).toEqual([
    ...['Exception on /view [GET]: broken', 'Error: broken'],
    'Exception on /view [GET]: an error was thrown whose properties cannot be read: an object of class Error',
    expect.stringContaining('an error was thrown whose properties cannot be read: an object of class Error'),
    ...['Exception on /view [GET]: broken', 'Error: broken'],
  ])
})

test('the page of debug mode shows the causes that can be read', async () => {
  thrown = new Error('outside', { cause: new Error('inside', { cause: without('message') }) })
  const { status, text } = await answer(bootstrap(App, { debug: true, logger: false, testing: true }), '/view')
  expect([status, text.includes('outside'), text.includes('inside'), text.includes('cannot be read')]).toEqual([
    500,
    true,
    true,
    true,
  ])
})

test('a function that throws when it is read is described', async () => {
  thrown = new Proxy(() => undefined, { get: unreadable })
  const reported: string[] = []
  const app = bootstrap(App, { logger: false }).on('error', (error: Error) => reported.push(error.message))
  expect((await answer(app, '/view')).status).toBe(500)
  expect(reported).toEqual(['a value that is not an Error was thrown: a function'])
})

test("a class whose status is a getter that needs an error's own state has its handler", async () => {
  class Remote extends Error {
    readonly response = { status: 418 }
    get status() {
      return this.response.status
    }
  }
  Object.setPrototypeOf(Remote.prototype, Object.getPrototypeOf(createError(400).constructor.prototype) as object)
  class Handling extends App {
    @ErrorHandler(Error) any() {
      return 'handled'
    }
  }
  thrown = new Remote('broken')
  expect(await answer(bootstrap(Handling, { logger: false }), '/view')).toMatchObject({ status: 200, text: 'handled' })
})
